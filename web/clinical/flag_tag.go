package clinical

// flagTag is the class of a tag that carries a flag.
func flagTag(f Flag) string {
	switch {
	case f.Critical():
		return "tag tag-severe"
	case f == High:
		return "tag tag-due"
	case f == Low:
		return "tag tag-low"
	}
	return "tag"
}
