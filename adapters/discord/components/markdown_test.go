package components

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"rapport/coach"
	"rapport/coach/coachtest"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func span(style coach.Style, words string) coach.Text {
	s := coach.Span{Style: style, Words: words}
	if style == coach.Moment {
		s.At = noon
	}
	return coach.Text{s}
}

func TestMarkdown(t *testing.T) {
	join, p, b, i, q, c := coach.Join, coach.P, coach.B, coach.I, coach.Q, coach.C
	tests := map[string]struct {
		text coach.Text
		want string
	}{
		"plain beside bold":      {join(b("a"), p(" b")), "**a** b"},
		"blanks at the edges":    {join(p("x"), b(" a "), p("y")), "x **a** y"},
		"breaks at the edges":    {join(p("x"), b("\na\n"), p("y")), "x\n**a**\ny"},
		"several lines":          {b("a b\n\n c\nd"), "**a b**\n\n **c**\n**d**"},
		"inside a word":          {join(p("un"), i("believ"), p("able")), "un\u200b_believ_\u200bable"},
		"bold inside a word":     {join(p("un"), b("believ"), p("able")), "un**believ**able"},
		"styles side by side":    {join(b("a"), i("b"), c("d"), c("e"), b("f")), "**a**_b_`d`\u200b`e`**f**"},
		"one style side by side": {join(b("2"), b(" of "), b("3."), i("a"), i("b")), "**2 of 3.**_ab_"},
		"only blanks":            {join(p("a"), b(" "), p("b")), "a b"},
		"nothing":                {join(b(""), p("")), ""},
		"quote on its own line":  {join(p("say "), q("a\nb"), p(" then")), "say \n> a\n> b\n then"},
		"quote between breaks":   {join(p("say\n"), q("\na\n"), p("\nthen")), "say\n> a\nthen"},
		"two quotes":             {join(q("a"), q("b")), "> a\n> b"},
		"quote in a quote":       {q("> a\n# b\n- c"), "> \\> a\n> \\# b\n> \\- c"},
		"code":                   {join(p("type "), c("/rapport a_b *c* `d`"), p(".")), "type `/rapport a_b *c* \u02cbd\u02cb`."},
		"grid":                   {join(p("weeks:"), c("\n a\nb ```\n"), p("done")), "weeks:\n```\n a\nb \u02cb\u02cb\u02cb\n```\ndone"},
		"grid and break":         {join(c("go\nb"), p("\nx")), "```\ngo\nb\n```\nx"},
		"typed marks":            {p("*a* _b_ ~~c~~ `d` ||e|| [f](g) \\"), "\\*a\\* \\_b\\_ \\~\\~c\\~\\~ \\`d\\` \\|\\|e\\|\\| \\[f\\](g) \\\\"},
		"marks beside styles":    {join(p("*"), b("*a*"), p("_"), i("_b_"), p("_")), "\\*\u200b**\\*a\\***\\_\u200b_\\_b\\__\u200b\\_"},
		"a heading":              {p("# a # b\n ## c#d\n#e"), "\\# a # b\n \\## c#d\n\\#e"},
		"a list":                 {p("- a - b\n * c\n + d\n12. e. 3. f\n1.5"), "\\- a - b\n \\* c\n \\+ d\n12\\. e. 3. f\n1\\.5"},
		"a date is no list":      {p("2026-11-26"), "2026-11-26"},
		"a mark behind a mark":   {b("# a"), "**\\# a**"},
		"odd blanks":             {p("\u00a0\u3000# a"), "\u00a0\u3000\\# a"},
		"small print":            {p("-# a\n>>> b"), "\\-# a\n\\>\\>\\> b"},
		"addresses":              {p("http://a.b HTTPS://c steam://d 10:30 a: b:"), "http\\://a.b HTTPS\\://c steam\\://d 10\\:30 a: b:"},
		"address over spans":     {join(p("http:"), span(coach.Mention, "//a.b"), p("/c")), "http\\://a.b/c"},
		"everybody":              {p("@everyone @here @Here @me a@b.c"), "@\u200beveryone @\u200bhere @\u200bHere \\@me a\\@b.c"},
		"everybody over spans":   {join(p("@"), span(coach.Channel, "everyone")), "@\u200beveryone"},
		"everybody in code":      {c("@everyone <@1>"), "`@\u200beveryone <@\u200b1>`"},
		"ids":                    {p("<@1> <@&2> <#3> <:a:4> <t:5:R> </b:6> <id:guide> :wave:"), "\\<\\@1\\> \\<\\@&2\\> \\<\\#3\\> \\<\\:a\\:4\\> \\<t\\:5\\:R\\> \\</b\\:6\\> \\<id\\:guide\\> \\:wave:"},
		"mention":                {join(p("by"), span(coach.Mention, "123"), p("!")), "by<@123>!"},
		"channel":                {join(p("in"), span(coach.Channel, "123"), p("!")), "in<#123>!"},
		"no mention":             {join(span(coach.Mention, "U1"), span(coach.Channel, "1|2"), span(coach.Mention, "012"), span(coach.Mention, strings.Repeat("9", 21))), "U11\\|2012" + strings.Repeat("9", 21)},
		"moment":                 {join(p("until "), span(coach.Moment, "Thu 12:00"), p(".")), "until <t:1795694400:F>."},
		"moment without instant": {coach.Text{{Style: coach.Moment, Words: "some day"}}, "some day"},
		"control characters":     {b("a\x00\u202eb\u2028c"), "**ab**\n**c**"},
	}
	for name, tt := range tests {
		if got := markdown(tt.text, false); got != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, tt.want)
		}
		sameWords(t, name, tt.text)
	}
}

func TestQuiet(t *testing.T) {
	join, p, b, q := coach.Join, coach.P, coach.B, coach.Q
	for want, text := range map[string]coach.Text{
		"-# a":                           p("a"),
		"-# a\n\n-# b":                   p("a\n\n  b"),
		"-# **a**\n-# **b** c":           join(b("a\nb"), p(" c")),
		"-# \\-# a\n-# \\# b":            p("-# a\n# b"),
		"-# a\n> b\n-# c":                join(p("a"), q("b"), p("c")),
		"\n\n-# <@1>":                    join(p(" \n\t\n "), span(coach.Mention, "1")),
		"-# a\n```\nb\nc\n```\n-# _d_ e": join(p("a"), coach.C("b\nc"), coach.I("d"), p(" e")),
	} {
		if got := markdown(text, true); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		sameWords(t, want, text)
	}
}

// sameWords reports where a reader of Discord sees other words or looks than
// text asks for.
func sameWords(t interface {
	Helper()
	Errorf(string, ...any)
}, name string, text coach.Text) {
	t.Helper()
	for _, quiet := range []bool{false, true} {
		wire := markdown(text, quiet)
		want := alike(asked(text, quiet))
		for _, r := range []reader{{}, {strict: true}} {
			if got := alike(r.read(wire)); !slices.Equal(got, want) {
				t.Errorf("%s: read (strict %t)\n%v\nwant\n%v\nin %q", name, r.strict, got, want, wire)
			}
		}
		mentions := 0
		for _, s := range text {
			if s.Style == coach.Mention && anID.MatchString(s.Words) {
				mentions++
			}
		}
		if found := calls.FindAllString(wire, -1); len(found) != mentions {
			t.Errorf("%s: %q stand in %q", name, found, wire)
		}
	}
}

// calls is what whoever looks for people without minding backslashes and code
// finds.
var calls = regexp.MustCompile(`(?i)@everyone|@here|<@[!&]?\d`)

func TestGalleryIsHarmless(t *testing.T) {
	gallery := coachtest.Gallery()
	for _, name := range slices.Sorted(maps.Keys(gallery)) {
		harmlessMessage(t, name, gallery[name])
	}
	for name, f := range coachtest.Forms() {
		sameWords(t, name, f.Lead)
	}
	for _, style := range slices.Sorted(maps.Keys(looks)) {
		sameWords(t, "hostile", coach.Join(span(style, coachtest.Hostile), coach.P(coachtest.Hostile), span(style, coachtest.Hostile)))
	}
}

// harmlessMessage checks every text of m against what it was made of.
func harmlessMessage(t *testing.T, name string, m coach.Message) {
	t.Helper()
	if got := alike(reader{}.read(Fallback(m))); !slices.Equal(got, alike(asked(coach.P(m.NoticeLine()), false))) && !strings.HasSuffix(Fallback(m), "\u2026") {
		t.Errorf("%s: got %q in place of %q", name, Fallback(m), m.NoticeLine())
	}
	for _, s := range m.Sections {
		sameWords(t, name, s.Text)
	}
}

// TestReaderReads holds the reader itself to what Discord does.
func TestReaderReads(t *testing.T) {
	tests := map[string]string{ // looks by what is seen of each
		"**a**": "bold:a", "x_a_": "x italic:a", "_a_b": "_ a _ b", "*a*": "italic:a", "__a__": "underlined:a", "~~a~~": "struck:a",
		"||a||": "spoiler:a", "`*`": "code:*", "``a`b``": "code:a code:` code:b", "```\n*```": "code:*", "> a": "quote:a", ">a": "> a",
		">>> a": "quote:a", "# a": "heading:a", "#a": "# a", "-# a": "quiet:a", "- a": "list:a", "1. a": "list:a", "* a": "list:a",
		"\\# a": "# a", "\\*a\\*": "* a *", "\\\\*a*": "\\ italic:a", "<@1>": "mention:1", "<#1>": "channel:1", "<t:1:F>": "moment:1",
		"<@&1>": "token:@ token:& token:1", "<:a:1>": "token:: token:a token:: token:1", "@here": "everybody:h everybody:e everybody:r everybody:e",
		"a://b": "link:a link:: link:/ link:/ link:b", "[a](b)": "link:a", ":a:": "emoji:a", "a\\b": "a \\ b", "**_a_**": "bolditalic:a",
		"x\n# a": "x heading:a", "**# a**": "boldheading:a", "*a\\*": "* a *",
	}
	for wire, want := range tests {
		var got []string
		for _, c := range alike(reader{}.read(wire)) {
			if c.style != "" {
				got = append(got, string(c.style)+":"+string(c.r))
			} else {
				got = append(got, string(c.r))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", wire, got, want)
		}
	}
}

// TestAnyWords draws words that are mostly marks.
func TestAnyWords(t *testing.T) {
	words := rapid.StringOf(rapid.SampledFrom([]rune("*_~`>&<:|@!#^+-.\\[]()/ab1 \n\t,\"'\u00fc\u200b\u00a0\u2028\u202etFhere")))
	rapid.Check(t, func(r *rapid.T) {
		var text coach.Text
		for range rapid.IntRange(1, 5).Draw(r, "spans") {
			text = append(text, span(rapid.SampledFrom(styles).Draw(r, "style"), words.Draw(r, "words"))...)
		}
		sameWords(r, "drawn", text)
	})
}

var styles = []coach.Style{coach.Plain, coach.Bold, coach.Italic, coach.Quote, coach.Code, coach.Mention, coach.Channel, coach.Moment}

func FuzzMarkdown(f *testing.F) {
	f.Add(uint8(0), uint8(1), coachtest.Hostile, coachtest.Hostile, "")
	f.Add(uint8(1), uint8(3), "*", " \n> x", ":a:")
	f.Add(uint8(4), uint8(6), "`\n`", "|>", "\u200b*a*")
	f.Fuzz(func(t *testing.T, one, two uint8, a, b, c string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || !utf8.ValidString(c) {
			t.Skip("the wire is UTF-8")
		}
		n := uint8(coach.Moment) + 1
		text := coach.Join(span(coach.Style(one%n), a), span(coach.Style(two%n), b), coach.P(c))
		sameWords(t, "fuzz", text)
	})
}
