package clinical

// comma goes after every known allergy but the last.
func (b Banner) comma(i int) string {
	if i == len(b.Known)-1 {
		return ""
	}
	return ", "
}
