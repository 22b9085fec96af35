package blockkit

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	slackgo "github.com/slack-go/slack"

	"pgregory.net/rapid"

	"rapport/adapters/surface"
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

func TestMrkdwn(t *testing.T) {
	join, p, b, i, q, c := coach.Join, coach.P, coach.B, coach.I, coach.Q, coach.C
	tests := map[string]struct {
		text coach.Text
		want string
	}{
		"plain beside bold":       {join(b("a"), p(" b")), "*a* b"},
		"blanks at the edges":     {join(p("x"), b(" a "), p("y")), "x *a* y"},
		"breaks at the edges":     {join(p("x"), b("\na\n"), p("y")), "x\n*a*\ny"},
		"several lines":           {b("a b\n\n c\nd"), "*a b*\n\n *c*\n*d*"},
		"inside a word":           {join(p("un"), i("believ"), p("able")), "un\u200b_believ_\u200bable"},
		"styles side by side":     {join(b("a"), i("b"), c("d")), "*a*\u200b_b_\u200b`d`"},
		"one style side by side":  {join(b("2"), b(" of "), b("3 weeks"), b("."), i("a"), i("b")), "*2 of 3 weeks.*\u200b_ab_"},
		"punctuation":             {join(p("("), b("a"), p("), "), b("b"), p(": c")), "(*a*), *b*: c"},
		"an apostrophe":           {join(b("Ann"), p("'s")), "*Ann*\u200b's"},
		"only blanks":             {join(p("a"), b(" "), p("b")), "a b"},
		"nothing":                 {join(b(""), p("")), ""},
		"quote on its own line":   {join(p("say "), q("a\nb"), p(" then")), "say \n> a\n> b\n then"},
		"quote between breaks":    {join(p("say\n"), q("\na\n"), p("\nthen")), "say\n> a\nthen"},
		"two quotes":              {join(q("a"), q("b")), "> a\n> b"},
		"quote in a quote":        {q("> a\n>> b"), "> \u00ad&gt; a\n> \u00ad&gt;&gt; b"},
		"quote after bold":        {join(b("a"), q("b"), b("c")), "*a*\n> b\n*c*"},
		"code":                    {join(p("type "), c("/rapport a_b *c* `d`"), p(".")), "type `/rapport a_b *c* \u02cbd\u02cb`."},
		"grid":                    {join(p("weeks:"), c("\n a\nb ```\n"), p("done")), "weeks:\n```\n a\nb \u02cb\u02cb\u02cb\n```\ndone"},
		"grid and break":          {join(c("a\nb"), p("\nx")), "```\na\nb\n```\nx"},
		"typed marks":             {join(b("x"), p(" *a* _b_ ~c~ `d`")), "*x* \u2217a\u2217 \u02cdb\u02cd \u223cc\u223c \u02cbd\u02cb"},
		"marks within words":      {join(b("x"), p(" a_b 3*4 5~6")), "*x* a_b 3*4 5~6"},
		"own mark within a style": {join(b("3*4_5"), i("3*4_5")), "*3\u22174_5*\u200b_3*4\u02cd5_"},
		"wide marks":              {join(b("x"), p("\n\uff1e a \uff0ab\uff0a \uff3fc\uff3f \uff40d\uff40")), "*x*\n\u00ad\uff1e a \ufe61b\ufe61 \u02cdc\u02cd \u02cbd\u02cb"},
		"typed quote":             {join(p(" > a > b\n>c"), b("x")), " \u00ad&gt; a &gt; b\n\u00ad&gt;c\u200b*x*"},
		"typed emoji":             {join(b("x"), p(" :wave: 10:30, 1:1:")), "*x* :wave\u200b: 10:30, 1:1\u200b:"},
		"emoji over spans":        {join(p(":a"), i("b"), p("c:")), ":a\u200b_b_\u200bc\u200b:"},
		"entities":                {b("<!channel> & &lt;"), "*&lt;!channel&gt; &amp; &amp;lt;*"},
		"mention":                 {join(p("by"), span(coach.Mention, "U12AB"), p("!")), "by<@U12AB>!"},
		"channel":                 {join(p("in"), span(coach.Channel, "C12AB"), p("!")), "in<#C12AB>!"},
		"no channel":              {join(span(coach.Channel, "U12"), span(coach.Channel, "C1|x")), "U12C1|x"},
		"no mention":              {join(span(coach.Mention, "C12"), span(coach.Mention, "Uab"), span(coach.Mention, "U1|x"), span(coach.Mention, "U")), "C12UabU1|xU"},
		"moment":                  {join(p("until "), span(coach.Moment, "Thu 12:00"), p(".")), "until <!date^1795694400^{date_short_pretty} {time}|Thu 12:00>."},
		"hostile moment":          {span(coach.Moment, "a|b>\n<!here>&"), "<!date^1795694400^{date_short_pretty} {time}|a/b\u203a \u2039!here\u203a\uff06>"},
		"moment without words":    {span(coach.Moment, ""), "<!date^1795694400^{date_short_pretty} {time}|26 Nov 2026 12:00 UTC>"},
		"moment without instant":  {coach.Text{{Style: coach.Moment, Words: "some day"}}, "some day"},
		"control characters":      {b("a\x00\u202eb\u2028c"), "*ab*\n*c*"},
	}
	for name, tt := range tests {
		if got := mrkdwn(tt.text); got != tt.want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, tt.want)
		}
		sameWords(t, name, tt.text)
	}
}

// sameWords reports where a reader of Slack sees other words or looks than text
// asks for.
func sameWords(t *testing.T, name string, text coach.Text) {
	t.Helper()
	wire := mrkdwn(text)
	if got, want := alike(read(wire)), alike(asked(text)); !slices.Equal(got, want) {
		t.Errorf("%s: read\n%v\nwant\n%v\nin %q", name, got, want, wire)
	}
}

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
	for _, s := range m.Sections {
		sameWords(t, name, s.Text)
		for _, b := range appendSection(nil, s) {
			var text *slackgo.TextBlockObject
			switch b := b.(type) {
			case *slackgo.SectionBlock:
				text = b.Text
			case *slackgo.ContextBlock:
				text = b.ContextElements.Elements[0].(*slackgo.TextBlockObject)
			}
			if text.Type == slackgo.PlainTextType && text.Text != surface.Visible(s.Text.String()) {
				t.Errorf("%s: got %q, want %q", name, text.Text, s.Text)
			}
			if (text.Type == slackgo.PlainTextType) == styled(s.Text) {
				t.Errorf("%s: %q is %s", name, text.Text, text.Type)
			}
		}
	}
}

// TestReaderReads holds the reader itself to what Slack does.
func TestReaderReads(t *testing.T) {
	tests := map[string][]seen{
		"*a*":              {{'a', "bold"}},
		"x_a_":             {{'x', ""}, {'_', ""}, {'a', ""}, {'_', ""}},
		"* a*":             {{'*', ""}, {' ', ""}, {'a', ""}, {'*', ""}},
		"(_a_).":           {{'(', ""}, {'a', "italic"}, {')', ""}, {'.', ""}},
		"~a~":              {{'a', "struck"}},
		"\u200b*\u200ba*":  {{'\u200b', ""}, {'\u200b', "bold"}, {'a', "bold"}},
		"`*`":              {{'*', "code"}},
		"```*\n```":        {{'*', "code"}, {'\n', "code"}},
		"> a":              {{' ', "quote"}, {'a', "quote"}},
		"&gt;a":            {{'a', "quote"}},
		"&amp;lt;":         {{'&', ""}, {'l', ""}, {'t', ""}, {';', ""}},
		"<!here>":          {{'!', "token"}, {'h', "token"}, {'e', "token"}, {'r', "token"}, {'e', "token"}},
		"<@U1>":            {{'U', "mention"}, {'1', "mention"}},
		"<!date^1^{t}|a*>": {{'a', "moment"}, {'*', "moment"}},
		":x:":              {{'x', "emoji"}},
		"\uff0aa\uff0a":    {{'a', "bold"}},
	}
	for wire, want := range tests {
		if got := read(wire); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", wire, got, want)
		}
	}
}

// TestLooksGiveWay shows that words come before looks where both do not fit.
func TestLooksGiveWay(t *testing.T) {
	lines := strings.Repeat("a\n", 900) // 1,800 characters, 3,600 with the marks
	s := coach.Section{Text: coach.Join(coach.B(lines), coach.P("end"))}
	text := appendSection(nil, s)[0].(*slackgo.SectionBlock).Text
	if text.Type != slackgo.PlainTextType || text.Text != lines+"end" {
		t.Errorf("got %s of %d characters", text.Type, utf8.RuneCountInString(text.Text))
	}
	s.Text = coach.P(strings.Repeat("\u00fc", 4000))
	text = appendSection(nil, s)[0].(*slackgo.SectionBlock).Text
	if n := utf8.RuneCountInString(text.Text); n != 3000 || !strings.HasSuffix(text.Text, "\u2026") {
		t.Errorf("got %d characters", n)
	}
}

// TestAnyWords draws words that are mostly marks.
func TestAnyWords(t *testing.T) {
	words := rapid.StringOf(rapid.SampledFrom([]rune("*_~`>&<:|@!#^ab1 \n\t.,(\"'\u00fc\u200b\u00ad\uff1e\uff0a\uff3f\uff40\u2028\u202e;ltgmp")))
	rapid.Check(t, func(r *rapid.T) {
		var text coach.Text
		for range rapid.IntRange(1, 5).Draw(r, "spans") {
			text = append(text, span(rapid.SampledFrom(styles).Draw(r, "style"), words.Draw(r, "words"))...)
		}
		if got, want := alike(read(mrkdwn(text))), alike(asked(text)); !slices.Equal(got, want) {
			r.Fatalf("%q: read\n%v\nwant\n%v\nin %q", text, got, want, mrkdwn(text))
		}
	})
}

var styles = []coach.Style{coach.Plain, coach.Bold, coach.Italic, coach.Quote, coach.Code, coach.Mention, coach.Moment}

func FuzzMrkdwn(f *testing.F) {
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
		if wire := mrkdwn(text); !surface.Blank(wire) {
			check(t, wire, appendSection(nil, coach.Section{Text: text}))
		}
	})
}
