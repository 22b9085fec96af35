package curriculum

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// hit is one rule that one text breaks.
type hit struct {
	rule string
	text string
	warn bool
}

// judge applies the rules that look at one text.
func judge(en *entry, p passage, frames []frame) []hit {
	hits := markup(en, p)
	if h, ok := needsClaim(en, p); ok {
		hits = append(hits, h)
	}
	for _, f := range frames {
		if h, ok := f.find(en, p); ok {
			hits = append(hits, h)
		}
	}
	if h, ok := outOfForm(en, p); ok {
		hits = append(hits, h)
	}
	return hits
}

var (
	link     = regexp.MustCompile(`(?i)https?:|www\.|mailto:|\b[a-z0-9-]+\.(com|org|net|io|dev|edu|gov)\b|\]\(|<[^>]*>`)
	mention  = regexp.MustCompile(`(^|[\s("'])[@#][\p{L}\d]`)
	bold     = regexp.MustCompile(`\*[^*\s]([^*]*[^*\s])?\*`)
	otherTag = regexp.MustCompile("[*`~|\\\\]|(^|\\s)_\\S|__|(^|\\s)[>#-] ")
)

// markup checks characters and marks.
func markup(en *entry, p passage) []hit {
	var hits []hit
	add := func(rule, text string) { hits = append(hits, hit{rule: rule, text: text}) }
	if !norm.NFC.IsNormalString(p.text) {
		add("nfc", "has letters put together from parts (not NFC); type them as one character")
	}
	if strings.Contains(p.text, "  ") || p.text != strings.TrimSpace(p.text) || strings.ContainsFunc(p.text, oddSpace) {
		add("spaces", "has a double space, a line break, an odd space, or a space at its end or start")
	}
	if strings.ContainsAny(p.text, "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb") {
		add("quotes", "has curly quotes; use plain ' and \"")
	}
	if m := link.FindString(p.text); m != "" {
		add("link", fmt.Sprintf("has a link (%q)", clip(m)))
	}
	if m := mention.FindString(p.text); m != "" {
		add("mention", fmt.Sprintf("has a mention or a channel (%q)", clip(m)))
	}
	if strings.ContainsFunc(p.text, emoji) {
		add("emoji", "has an emoji")
	}
	if m := otherTag.FindString(bold.ReplaceAllString(p.text, "")); m != "" {
		add("markup", fmt.Sprintf("has markup other than *bold* (%q)", clip(m)))
	}
	if en.kind != "comeback" && en.kind != "guard" && strings.ContainsAny(p.text, "{}") {
		add("markup", "has a { or }; only comebacks and guards may leave blanks")
	}
	return hits
}

func oddSpace(r rune) bool {
	return r != ' ' && (unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

func emoji(r rune) bool {
	return r >= 0x1F000 || r >= 0x2600 && r <= 0x27BF || r == 0xFE0F || r >= 0x2B00 && r <= 0x2BFF
}

var (
	factual    = regexp.MustCompile(`(?i)\b(study|studies|research|researchers?|experiments?|evidence|most people|tends? to)\b|%|\bper ?cent\b`)
	notFactual = regexp.MustCompile(`(?i)\b(i|you) tend to\b|\b(to|your|my|our|we|you|they|a|the) study (group|partner|room|buddy|hall|time|session|circle|together)|\bto study\b|\b(i|you|we|they) study\b|\bcase stud`)
)

// needsClaim finds texts that speak of findings but name no claim.
func needsClaim(en *entry, p passage) (hit, bool) {
	if len(en.claims) > 0 {
		return hit{}, false
	}
	m := factual.FindString(notFactual.ReplaceAllString(p.text, ""))
	if m == "" {
		return hit{}, false
	}
	return hit{rule: "claim", text: fmt.Sprintf("%q states a finding, so the item must name a claim", m)}, true
}

// outOfForm checks texts that are set into a sentence of the coach.
func outOfForm(en *entry, p passage) (hit, bool) {
	if en.kind != "mission" && en.kind != "weekly_nudge" && en.kind != "first_step" {
		return hit{}, false
	}
	first, _ := firstRune(p.text)
	capital := unicode.IsUpper(first) && !strings.HasPrefix(p.text, "I ") && !strings.HasPrefix(p.text, "I'")
	switch {
	case p.field == "title" && capital:
		return hit{rule: "form", text: `title names the act and starts in lower case, like "one more question"`}, true
	case p.field == "skip_if" && (capital || strings.HasSuffix(p.text, ".")):
		return hit{rule: "form", text: `skip_if is read after "skip it if": no capital, no full stop, like "they are busy"`}, true
	}
	return hit{}, false
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return 0, false
}
