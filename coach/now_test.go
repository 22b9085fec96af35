package coach_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"rapport/coach"
	"rapport/coach/coachtest"
)

// A typedLine is a line of testdata/now.txt: what somebody may type, and what
// would help.
type typedLine struct {
	n     int // of the line in the file, from 1
	part  int // an index of parts
	text  string
	marks []string // ids of helps, "guard" or "none"
	again []string // the same by the second reader, who marked what is not tuned
}

func (l typedLine) kind() string {
	if l.marks[0] == "guard" && len(l.marks) == 1 || l.marks[0] == "none" {
		return l.marks[0]
	}
	return "help"
}

// parts are measured each by itself. Of the last nothing is demanded: nobody
// tunes for it, so it tells how the coach does with what nobody thought of.
var parts = [...]string{"even lines, held out", "odd lines, tuned", "written last"}

const lastPart = len(parts) - 1

func typedLines(t testing.TB) (lines []typedLine) {
	t.Helper()
	data, err := os.ReadFile("testdata/now.txt")
	if err != nil {
		t.Fatal(err)
	}
	n, later := 0, false
	for line := range strings.Lines(string(data)) {
		n++
		later = later || line == "# Later\n"
		if line = strings.TrimRight(line, "\n"); line == "" || strings.HasPrefix(line, "# ") || line == "#" {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) < 2 || len(strings.Fields(columns[1])) == 0 {
			t.Fatalf("line %d: want a sentence, a tab and marks, got %q", n, line)
		}
		part := n % 2
		if later {
			part = lastPart
		}
		l := typedLine{n: n, part: part, text: columns[0], marks: strings.Fields(columns[1])}
		if len(columns) > 2 {
			l.again = strings.Fields(columns[2])
		}
		lines = append(lines, l)
	}
	return lines
}

// helpLines are the line to say of each help, by its id: what tells in an answer
// that it was shown.
func helpLines() map[string]string {
	lines := map[string]string{}
	for _, s := range edition.Situations {
		lines[s.ID] = s.Say.InPerson
	}
	for _, topic := range edition.Topics() {
		for _, m := range topic.Moves {
			lines[m.ID] = m.How
		}
		for _, p := range topic.Phrases {
			lines[p.ID] = p.Say
		}
		for _, s := range topic.Mistakes {
			lines[s.ID] = s.Instead
		}
	}
	return lines
}

// TestCare: what no guard knows but sounds grave is answered with care first, and
// what does not is answered without.
func TestCare(t *testing.T) {
	k := newTalk(t)
	const care = "In danger right now? Call your local emergency number."
	for text, want := range map[string]bool{
		"somebody was bleeding in the meeting room": true, "the violence on the news upsets our team": true,
		"we have nothing in common": false, "xyzzy plugh": false,
	} {
		r := k.say(text)
		if got := strings.Contains(r.Message.Sections[0].Text.String(), care); got != want {
			t.Errorf("%q: care first is %v, want %v: %s", text, got, want, r.Message.Fallback())
		}
	}
}

// A meeting is what somebody met who typed a line.
type meeting struct {
	right    bool
	hedged   bool   // right, but under "I do not have that one"
	declined bool   // told that there is nothing, or asked which word was meant
	got      string // the helps that were shown, or the guard
}

func meet(said string, l typedLine, helps map[string]string) meeting {
	m := meeting{declined: strings.Contains(said, "I do not have that one") || strings.Contains(said, "Did you mean one of these?")}
	shown := map[string]bool{}
	for id, line := range helps {
		shown[id] = strings.Contains(said, line)
	}
	for _, g := range edition.Guards {
		before, _, _ := strings.Cut(g.Text, "{contact}")
		if strings.Contains(said, before) {
			shown["guard"], m.got = true, g.ID
		}
	}
	for _, mark := range l.marks {
		m.right = m.right || shown[mark] && !m.declined || mark == "none" && m.declined
		m.hedged = m.hedged || shown[mark] && m.declined
	}
	return m
}

// TestNow types every line of testdata/now.txt and holds the answers against its
// marks, each part of the file by itself. A help counts as right only where it is
// shown as an answer, not under "I do not have that one".
func TestNow(t *testing.T) {
	holdAgainst(t, typedLines(t), map[string]int{"help": 85, "guard": 100, "none": 80})
}

// TestNowSecondReader is TestNow with the marks of a second reader, who saw
// neither the first ones nor an answer of the coach.
func TestNowSecondReader(t *testing.T) {
	var marked []typedLine
	for _, l := range typedLines(t) {
		if l.again != nil {
			l.marks = l.again
			marked = append(marked, l)
		}
	}
	holdAgainst(t, marked, map[string]int{"help": 80, "guard": 100, "none": 80})
}

// holdAgainst demands that of each kind so many in a hundred are right.
func holdAgainst(t *testing.T, lines []typedLine, least map[string]int) {
	right, hedged, all := map[string][len(parts)]int{}, map[string][len(parts)]int{}, map[string][len(parts)]int{}
	helps, known := helpLines(), map[string]bool{"guard": true, "none": true}
	for id := range helps {
		known[id] = true
	}
	k := newTalk(t)
	for _, l := range lines {
		for _, mark := range l.marks {
			if !known[mark] {
				t.Errorf("line %d: no help is called %q", l.n, mark)
			}
		}
		k.who.User = fmt.Sprint("u", l.n) // each is somebody who has typed nothing before
		r := k.say(l.text)
		m := meet(r.Message.Title+"\n"+r.Message.Fallback(), l, helps)
		count(all, l)
		if m.right {
			count(right, l)
		} else {
			if m.hedged {
				count(hedged, l)
			}
			t.Logf("missed, %s: line %d, %q: %s", parts[l.part], l.n, l.text, summary(r, m))
		}
	}
	for part, name := range parts {
		for _, kind := range []string{"help", "guard", "none"} {
			got, of := right[kind][part], all[kind][part]
			if of == 0 {
				continue
			}
			t.Logf("%s: %s: %d of %d right, %.1f in a hundred; %d more shown as nearest only", name, kind, got, of, 100*float64(got)/float64(of), hedged[kind][part])
			if part != lastPart && got*100 < of*least[kind] {
				t.Errorf("%s: %s: %d of %d right, want %d in a hundred", name, kind, got, of, least[kind])
			}
		}
	}
}

func count(in map[string][len(parts)]int, l typedLine) {
	c := in[l.kind()]
	c[l.part]++
	in[l.kind()] = c
}

// summary says in a line what was met.
func summary(r coach.Reply, m meeting) string {
	if m.got != "" {
		return m.got
	}
	var got []string
	if m.declined {
		got = append(got, "declined")
	}
	for _, b := range r.Message.Buttons {
		if b.Label == "The second one" { // names both that were shown
			got = append(got, b.Action.Args[1], b.Action.Args[0])
		}
	}
	if len(got) == 0 {
		return r.Message.Fallback()
	}
	return strings.Join(got, " ")
}

// BenchmarkNow is a sentence of somebody's own in the coach, from the text to the
// reply.
func BenchmarkNow(b *testing.B) {
	c, err := coach.New(coach.Options{Store: coachtest.NewMem(nil), Lessons: edition, Now: monday.UTC})
	if err != nil {
		b.Fatal(err)
	}
	r := coach.Request{ID: "r", From: coach.Person{Platform: "test", Realm: "r", User: "ann"}, Team: coach.Team{Platform: "test", ID: "r"}}
	lines := typedLines(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Action = coach.Parse(lines[i%len(lines)].text)
		if _, err := c.Handle(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}
