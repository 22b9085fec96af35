package coach

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// What a page of a person's data holds: so many pieces of so many characters
// as a surface counts them. A title and two lines of small print fit beside.
const (
	pageWeight = 1600
	pagePieces = 2
)

// readData shows a page of what Download gives as a file. It holds own words,
// so it is an answer to that person and nothing else, and its notice names
// none.
func (v *visit) readData(ctx context.Context, page string) (Reply, error) {
	if v.Export == nil {
		return Reply{}, v.mistake("This server cannot show it here. Please ask whoever runs it for your data.")
	}
	data, err := v.Export(ctx, v.From)
	if err != nil {
		return Reply{}, fmt.Errorf("export: %w", err)
	}
	pages := pagesOf(escaped(string(data)))
	n, _ := strconv.Atoi(page)
	n = min(max(n, 1), len(pages))
	var sections []Section
	for _, piece := range pages[n-1] {
		sections = append(sections, Section{Text: C(piece)})
	}
	where := v.say.text("Everything that is kept about you, your own words included: keep it where only you look.")
	if v.TextOnly {
		where = v.say.text("I can send no files here. For a file, ask %s for `rapport export %s`: it holds the dates and counts, your own words open only here.", v.operator(), shown(clip(v.From.String(), 120)))
	}
	sections = append(sections, Section{Quiet: true, Text: where})
	var buttons []Button
	if n < len(pages) {
		buttons = append(buttons, v.primary("Next", Do("data", "read", strconv.Itoa(n+1))))
	}
	if n > 1 {
		buttons = append(buttons, v.button("Back", Do("data", "read", strconv.Itoa(n-1))))
	}
	r := answer(v.say.line("Your data, page %d of %d", n, len(pages)), sections, append(buttons, v.button("Your data", Do("data")))...)
	r.Message.Notice = v.say.line("Your data")
	return r, nil
}

// escaped writes what could not be read, or would turn text around, as JSON
// writes it in a string. JSON stays the same value.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '\n', !unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) && !unicode.Is(unicode.Zl, r) && !unicode.Is(unicode.Zp, r):
			b.WriteRune(r)
		default: // all of them lie below 0x10000
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// pagesOf cuts text at line ends into pieces, and groups those to pages. A line
// that is longer than a piece is cut where it has to be. There is at least one
// page.
func pagesOf(text string) (pages [][]string) {
	var all []string
	var piece strings.Builder
	used := 0
	flush := func() {
		if piece.Len() > 0 {
			all = append(all, strings.TrimSuffix(piece.String(), "\n"))
		}
		piece.Reset()
		used = 0
	}
	for line := range strings.Lines(text) {
		if w := weight(line); w <= pageWeight && used+w > pageWeight {
			flush()
		}
		for _, r := range line {
			w := weight(string(r))
			if used+w > pageWeight {
				flush()
			}
			piece.WriteRune(r)
			used += w
		}
	}
	flush()
	if len(all) == 0 {
		return [][]string{{"{}"}}
	}
	for len(all) > pagePieces {
		pages = append(pages, all[:pagePieces])
		all = all[pagePieces:]
	}
	return append(pages, all)
}
