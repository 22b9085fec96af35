package discordtest

import (
	"testing"
	"time"
)

func TestMarkdown(t *testing.T) {
	for md, want := range map[string]string{
		`**bold** and *slanted* and _so_ and __under__ and ~~gone~~ and ||hidden||`: "bold and slanted and so and under and gone and hidden",
		`\*\*not bold\*\* \_nor\_ \# this \> nor \\ that`:                           `**not bold** _nor_ # this > nor \ that`,
		`snake_case_name and 2*3*4 are as they are`:                                 "snake_case_name and 234 are as they are",
		"> one\n> two\nthree":                   "> one\n> two\nthree",
		"before\n>>> one\ntwo":                  "before\n> one\n> two",
		`\> no quote`:                           "> no quote",
		">no quote either":                      ">no quote either",
		"# Title\ntext":                         "Title\ntext",
		"#no title":                             "#no title",
		"-# small":                              "small",
		"- a\n- **b**\n1. c":                    "• a\n• b\n1. c",
		"`**code**` and ``a`b``":                "**code** and a`b",
		"```go\nx := *p\n```after":              "x := *p\nafter",
		"```no end":                             "```no end",
		`[here](https://example.org/a_b_c) now`: "here now",
		`https://example.org/a_b_c, ok`:         "https://example.org/a_b_c, ok",
		`<t:1615806000:F>`:                      "Monday, 15 March 2021 11:00",
		`<t:1615806000:t> <t:1615806000>`:       "11:00 15 March 2021 11:00",
		`\<t:1615806000:F>`:                     "<t:1615806000:F>",
		`<@42> <@!42> <#43> <@&44>`:             "@42 @42 #43 @44",
		`</rapport:12> <:smile:12345>`:          "/rapport :smile:",
		`@everyone`:                             "@everyone",
		`***both***`:                            "both",
		`**a *b* c**`:                           "a b c",
		`**open`:                                "**open",
		"":                                      "",
		"ä **ö** ü":                             "ä ö ü",
		`5 * 3 * 2`:                             "5 * 3 * 2",
		`a\`:                                    `a\`,
		`**a\** b**`:                            "a** b",
	} {
		if got := readable(md); got != want {
			t.Errorf("%q: got %q, want %q", md, got, want)
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{"**a**", "> b\n>>> c", "```x```", "<t:1:R>", `\*`, "[a](http://b)", "***", "`` ` ``"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, md string) { readable(md) })
}

func TestTimes(t *testing.T) {
	d := New(t, Setup{Now: func() time.Time { return time.Unix(1615806000, 0) }})
	d.mu.Lock()
	defer d.mu.Unlock()
	anna := d.eyes("Anna")
	for md, want := range map[string]string{
		"<t:1615806000:t>": "12:00", "<t:1615806000:T>": "12:00:00", "<t:1615806000:d>": "15/03/2021", "<t:1615806000:D>": "15 March 2021",
		"<t:1615806000:f>": "15 March 2021 12:00", "<t:1615806000:F>": "Monday, 15 March 2021 12:00", "<t:1615806000>": "15 March 2021 12:00",
		"<t:1615806000:s>": "15/03/2021, 12:00", "<t:1615806000:S>": "15/03/2021, 12:00:00", "<t:1615806060:R>": "in 1 minute", "<t:1615798800:R>": "2 hours ago",
		"<t:1615546800:R>": "3 days ago", "<t:1620000000:R>": "in 1 month", "<t:1715806000:R>": "in 3 years", "<t:1615806005:R>": "in 5 seconds",
		"<t:1615806000:x>": "<t:1615806000:x>",
	} {
		if got := anna.plain(md); got != want {
			t.Errorf("%s: got %q, want %q", md, got, want)
		}
	}
	_, team := d.channel("#team")
	if got := anna.plain("<@" + d.user("Ben").ID + "> <#" + team.ID + "> <@&" + d.guild("Lighthouse").ID + "> <@1> <#1> <@&1>"); got != "@Ben #team @everyone @unknown-user #unknown @unknown-role" {
		t.Errorf("got %q", got)
	}
}

func TestMarkdownDrawn(t *testing.T) {
	for md, want := range map[string]string{
		"**a** *b* __c__ ~~d~~ ||e||": `<b>a</b> <i>b</i> <u>c</u> <s>d</s> <span class="spoiler">e</span>`,
		"`<x>`":                       `<code>&lt;x&gt;</code>`,
		"```\n<x>\n```":               `<pre>&lt;x&gt;</pre>`,
		"> q\nafter":                  `<blockquote>q</blockquote>after`,
		"# T\n- one\n-# small":        `<h1>T</h1><div class="item"><span>•</span><div>one</div></div><small class="subtext">small</small>`,
		"a\nb":                        `a<br>b`,
		"[t](https://example.org)":    `<span class="link">t</span>`,
		"https://example.org":         `<span class="link">https://example.org</span>`,
		"<@1>":                        `<span class="mention">@1</span>`,
		"<t:0:t>":                     `<span class="stamp">00:00</span>`,
	} {
		if got := (eyes{zone: time.UTC}).html(md); got != want {
			t.Errorf("%q: got %s, want %s", md, got, want)
		}
	}
}
