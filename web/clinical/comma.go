package clinical

// comma goes before every part of a list but the first.
func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ", "
}
