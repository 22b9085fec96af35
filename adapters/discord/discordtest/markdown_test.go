package discordtest

import "testing"

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
