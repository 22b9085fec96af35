package curriculum

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Lint judges a loaded edition by what can be judged without a person: the
// words of each text, how hard it reads, texts that say the same twice, the
// claims behind it and what fits into one message. Errors must be mended;
// warnings are for a person to look at. It reads nothing but the edition.
func Lint(e *Edition) (errors, warnings []Fault) {
	l := &linter{edition: e, frames: frames()}
	l.run()
	return l.errors, l.warnings
}

func (l *linter) run() {
	for _, en := range l.edition.entries {
		if en.kind != "claim" && en.kind != "source" && en.kind != "grades" {
			l.entry(en)
		}
	}
	l.topics()
	l.readability()
	l.duplicates()
	l.errors.sort()
	l.warnings.sort()
}

// Limits of a message that every platform can show, after escaping.
const (
	maxSection = 1900
	maxMessage = 3800
)

// Limits of content.
const (
	maxNudgeWords  = 75
	minStepClaims  = 5
	wordsForGrade  = 12 // a shorter text is not judged alone
	wordsForMedian = 8  // and not counted in the median of its file
	maxGrade       = 9.0
	maxMedian      = 7.0
)

type linter struct {
	edition          *Edition
	frames           []frame
	errors, warnings Faults
}

func (l *linter) report(warn bool, f Fault) {
	if warn {
		l.warnings = append(l.warnings, f)
		return
	}
	l.errors = append(l.errors, f)
}

// at is a fault of an entry, on a line of its file.
func at(en *entry, line int, rule, format string, args ...any) Fault {
	return Fault{Layer: en.layer, File: en.file, Line: line, ID: en.id, Rule: rule, Text: fmt.Sprintf(format, args...)}
}

// entry applies the rules that look at one item.
func (l *linter) entry(en *entry) {
	for _, p := range en.texts {
		for _, h := range judge(en, p, l.frames) {
			l.report(h.warn, at(en, p.line, h.rule, "%s: %s", p.field, h.text))
		}
	}
	l.folkOnly(en)
	l.size(en)
	if n, ok := en.value.(Nudge); ok {
		l.nudge(en, n)
	}
}

// folkOnly lists items that rest on nothing but custom.
func (l *linter) folkOnly(en *entry) {
	if len(en.claims) == 0 || slices.ContainsFunc(en.claims, func(id string) bool { return l.edition.Claims[id].ShownGrade != "D" }) {
		return
	}
	l.report(true, at(en, en.refs, "folk", "rests only on claims that are %s (grade D)", l.edition.Grades["D"]))
}

func (l *linter) nudge(en *entry, n Nudge) {
	for _, id := range n.Claims {
		if l.edition.Claims[id].ShownGrade == "D" {
			l.report(false, at(en, en.refs, "nudge", "a weekly nudge may not rest on %s, which is %s (grade D)", id, l.edition.Grades["D"]))
		}
	}
	words := len(strings.Fields(strings.Join([]string{n.Title, n.Do, n.Say, n.SkipIf}, " ")))
	if words > maxNudgeWords {
		l.report(false, at(en, en.line, "nudge", "title, do, say and skip_if have %d words together, at most %d", words, maxNudgeWords))
	}
}

// size checks that an item fits into one section, and a scenario's moments
// into one each.
func (l *linter) size(en *entry) {
	if s, ok := en.value.(Scenario); ok {
		for _, n := range s.Nodes {
			texts := []string{n.Text}
			for _, c := range n.Choices {
				texts = append(texts, c.Text)
			}
			l.fits(en, "node "+n.ID, maxSection, texts)
		}
		return
	}
	var texts []string
	for _, p := range en.texts {
		texts = append(texts, p.text)
	}
	l.fits(en, "all texts", maxSection, texts)
}

// fits counts characters as the platforms do: escaped, with room for a mark
// and a line break for each text.
func (l *linter) fits(en *entry, what string, limit int, texts []string) {
	size := 0
	for _, t := range texts {
		size += escapedLen(t) + 6
	}
	if size > limit {
		l.report(false, at(en, en.line, "size", "%s make %d characters when shown, at most %d", what, size, limit))
	}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escapedLen(s string) int { return utf8.RuneCountInString(escaper.Replace(s)) }

// topics applies the rules that look at a whole topic.
func (l *linter) topics() {
	for _, t := range l.edition.Topics() {
		en := l.headOf(t)
		if en == nil {
			l.report(false, Fault{Rule: "missing", Text: fmt.Sprintf("%s has no title yet: no file holds its %s", nameOf(t), headKind(t))})
			continue
		}
		if claims := l.claimsOf(t); t.N > 0 && len(claims) < minStepClaims {
			l.report(false, at(en, en.line, "claims", "the whole step names %d different claims, at least %d", len(claims), minStepClaims))
		}
		l.page(en, t)
	}
}

func headKind(t *Topic) string {
	if t.N > 0 {
		return fmt.Sprintf("[step] with n = %d", t.N)
	}
	return fmt.Sprintf("[topic] with key = %q", t.Key)
}

// nameOf names a topic in reports.
func nameOf(t *Topic) string {
	if t.N > 0 {
		return fmt.Sprintf("step %d", t.N)
	}
	return t.Key
}

// prefix is how ids name the topic.
func (t *Topic) prefix() string {
	if t.N > 0 {
		return prefixOf(t.N)
	}
	return prefixOfKey(t.Key)
}

func (l *linter) headOf(t *Topic) *entry {
	i := slices.IndexFunc(l.edition.entries, func(en *entry) bool {
		return (en.kind == "step" || en.kind == "topic") && en.topic == t.prefix()
	})
	if i < 0 {
		return nil
	}
	return l.edition.entries[i]
}

func (l *linter) claimsOf(t *Topic) map[string]bool {
	claims := map[string]bool{}
	for _, en := range l.edition.entries {
		if en.topic == t.prefix() {
			for _, id := range en.claims {
				claims[id] = true
			}
		}
	}
	return claims
}

// page checks the messages that show many items of a topic at once.
func (l *linter) page(en *entry, t *Topic) {
	first := []string{t.Title, t.Essence, t.Why, t.Sure}
	for _, m := range t.Moves {
		first = append(first, m.Name, m.How)
	}
	l.fits(en, "title, essence, why, sure and moves", maxMessage, first)
	var rules, slips, notes []string
	for _, r := range slices.Concat(t.Dos, t.Donts) {
		rules = append(rules, r.Text)
	}
	for _, m := range t.Mistakes {
		slips = append(slips, m.LooksLike, m.Instead)
	}
	for _, n := range t.Notes {
		notes = append(notes, n.Text)
	}
	l.fits(en, "do and don't", maxMessage, rules)
	l.fits(en, "mistakes", maxMessage, slips)
	l.fits(en, "notes", maxMessage, notes)
	for _, c := range channels {
		var lines []string
		for _, p := range t.Phrases {
			if p.Channel == c {
				lines = append(lines, p.Say, p.When)
			}
		}
		l.fits(en, "phrases for "+c, maxMessage, lines)
	}
}

// readability warns of single hard texts and refuses files that are hard on
// the whole.
func (l *linter) readability() {
	type key struct {
		layer int
		file  string
	}
	levels := map[key][]float64{}
	for _, en := range l.edition.entries {
		if en.kind == "claim" || en.kind == "source" || en.kind == "grades" {
			continue
		}
		for _, p := range en.texts {
			if hard(p) {
				l.report(true, at(en, p.line, "readability", "%s: reads at grade %.1f, aim at 7; shorter sentences and words help", p.field, grade(p.text)))
			}
			if len(strings.Fields(p.text)) >= wordsForMedian {
				k := key{en.layer, en.file}
				levels[k] = append(levels[k], grade(p.text))
			}
		}
	}
	for k, of := range levels {
		slices.Sort(of)
		if m := of[len(of)/2]; m > maxMedian {
			l.report(false, Fault{Layer: k.layer, File: k.file, Line: 1, Rule: "readability",
				Text: fmt.Sprintf("half of the texts of this file read above grade %.1f, at most %.0f", m, maxMedian)})
		}
	}
}

// hard reports whether a text is long enough to judge and hard to read.
func hard(p passage) bool {
	return len(strings.Fields(p.text)) >= wordsForGrade && grade(p.text) > maxGrade
}
