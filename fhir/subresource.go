package fhir

// Resource returns the resource that stands at n, such as a Bundle entry's, as a document of its own.
// It shares the bytes of the outer document and is not parsed again. It is nil unless an object stands here.
func (n Node) Resource() *Resource {
	if n.Kind() != Object {
		return nil
	}
	r := &Resource{src: n.Raw(), t: rebase(n)}
	r.once.Do(func() {})
	return r
}

// rebase copies the tree under n so that n is its root and offsets count from n's first byte.
func rebase(n Node) tree {
	top := n.t.nodes[n.i]
	nodes := make([]node, top.next-n.i)
	copy(nodes, n.t.nodes[n.i:top.next])
	for i := range nodes {
		d := &nodes[i]
		d.start -= top.start
		d.end -= top.start
		d.next -= n.i
		if d.keyStart > top.start { // not so for elements of arrays, which have no name
			d.keyStart -= top.start
		}
	}
	nodes[0].keyStart, nodes[0].keyLen = 0, 0
	return tree{src: n.Raw(), nodes: nodes}
}
