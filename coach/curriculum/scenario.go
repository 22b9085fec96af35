package curriculum

import (
	"slices"
	"strconv"
)

func readScenario(r *reader, it Item) any {
	s := Scenario{
		Item: it, Title: r.text("title", 60), Channel: r.one("channel", channels...),
		Minutes: r.number("minutes", 1, 15), Setup: r.text("setup", 280), Start: r.one("start", nodeIDs(r)...),
	}
	lines := map[string]int{}
	for i, v := range r.items("node", isTable, 1, 12) {
		n := r.nested(v.table, nodeName("node", v.table, i))
		s.Nodes = append(s.Nodes, readNode(n, lines))
		n.done()
	}
	for i, v := range r.items("end", isTable, 1, 8) {
		n := r.nested(v.table, nodeName("end", v.table, i))
		s.Ends = append(s.Ends, End{readNodeID(n, lines), n.text("text", 200), n.text("lesson", 130)})
		n.done()
	}
	checkGraph(r, s, lines)
	return s
}

// nodeIDs lists the ids of the nodes, so that a wrong start gets a hint.
func nodeIDs(r *reader) []string {
	var ids []string
	if v := r.table.values["node"]; v != nil {
		for _, n := range v.list {
			if n.table != nil && n.table.values["id"] != nil {
				ids = append(ids, n.table.values["id"].text)
			}
		}
	}
	return ids
}

// nodeName names a node in faults: by its id, else by its number.
func nodeName(what string, t *table, i int) string {
	if id := t.values["id"]; id != nil && id.shape == isText {
		return what + " " + clip(id.text)
	}
	return what + " " + strconv.Itoa(i+1)
}

func readNodeID(r *reader, lines map[string]int) string {
	v := r.take("id", isText, true)
	if v == nil {
		return ""
	}
	switch {
	case !slug.MatchString(v.text):
		r.fault(v.line, "bad id: nodes and ends are named like \"n1\" or \"end-good\"")
	case lines[v.text] > 0:
		r.fault(v.line, "id is taken, on line %d", lines[v.text])
	default:
		lines[v.text] = v.line
	}
	return v.text
}

func readNode(r *reader, lines map[string]int) Node {
	n := Node{ID: readNodeID(r, lines), Text: r.text("text", 220)}
	for i, v := range r.items("choice", isTable, 2, 4) {
		c := r.nested(v.table, "choice "+string(rune('A'+i)))
		n.Choices = append(n.Choices, readChoice(c))
	}
	return n
}

func readChoice(r *reader) Choice {
	c := Choice{Quality: r.one("quality", "strong", "ok", "weak"), Next: r.text("next", 40)}
	r.entry.texts = r.entry.texts[:len(r.entry.texts)-min(1, len(c.Next))] // an id is not prose
	r.bad = c.Quality != "strong"
	c.Text, c.Feedback = r.text("text", 140), r.text("feedback", 220)
	r.done()
	return c
}

// checkGraph finds choices that lead nowhere, nodes that nobody reaches, ways
// that run in circles, and nodes without a strong choice.
func checkGraph(r *reader, s Scenario, lines map[string]int) {
	const white, grey, black = 0, 1, 2
	colour := map[string]int{}
	var walk func(id string)
	walk = func(id string) {
		colour[id] = grey
		node, _ := s.Node(id)
		for i, c := range node.Choices {
			switch {
			case c.Next == "":
			case lines[c.Next] == 0:
				r.fault(choiceLine(r, s, id, i), "node %s choice %c leads to %q, which is not there%s", id, 'A'+i, clip(c.Next), nearest(c.Next, ids(s)))
			case colour[c.Next] == grey:
				r.fault(choiceLine(r, s, id, i), "node %s choice %c leads back to %q: a talk may not run in circles", id, 'A'+i, c.Next)
			case colour[c.Next] == white:
				walk(c.Next)
			}
		}
		colour[id] = black
	}
	if lines[s.Start] > 0 {
		walk(s.Start)
		for _, id := range ids(s) {
			if colour[id] == white && lines[id] > 0 {
				r.fault(lines[id], "%q is never reached", id)
			}
		}
	}
	for _, n := range s.Nodes {
		if !slices.ContainsFunc(n.Choices, func(c Choice) bool { return c.Quality == "strong" }) {
			r.fault(lines[n.ID], "node %s has no strong choice", n.ID)
		}
	}
}

func ids(s Scenario) []string {
	var out []string
	for _, n := range s.Nodes {
		out = append(out, n.ID)
	}
	for _, e := range s.Ends {
		out = append(out, e.ID)
	}
	return out
}

// choiceLine is the line of choice i's next in a node.
func choiceLine(r *reader, s Scenario, node string, i int) int {
	at := slices.IndexFunc(s.Nodes, func(n Node) bool { return n.ID == node })
	nodes := r.table.values["node"].list
	if at < 0 || at >= len(nodes) || nodes[at].table == nil {
		return r.table.line
	}
	choices := nodes[at].table.values["choice"]
	if choices == nil || i >= len(choices.list) || choices.list[i].table == nil {
		return nodes[at].line
	}
	if next := choices.list[i].table.values["next"]; next != nil {
		return next.line
	}
	return choices.list[i].line
}
