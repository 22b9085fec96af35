package discordtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func parsed(t *testing.T, body string) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return out
}

func of(n int) string { return strings.Repeat("ä", n) }

func times(n int, what string) string { return strings.TrimSuffix(strings.Repeat(what+",", n), ",") }

// numberedTimes is what, n times, with # replaced by a number.
func numberedTimes(n int, what string) string {
	var out []string
	for i := range n {
		out = append(out, strings.ReplaceAll(what, "#", sprint("%d", i)))
	}
	return strings.Join(out, ",")
}

const (
	quietly = `"allowed_mentions":{"parse":[]}`
	button  = `{"type":2,"style":1,"label":"a","custom_id":"b#"}`
)

func rowOf(inner string) string { return `{"type":1,"components":[` + inner + `]}` }

func components(inner string) string {
	return `{"content":"a",` + quietly + `,"components":[` + inner + `]}`
}

func second(inner string) string {
	return `{"flags":32768,` + quietly + `,"components":[` + inner + `]}`
}

func sectionOf(accessory string) string {
	return `{"type":9,"components":[{"type":10,"content":"a"}],"accessory":` + accessory + `}`
}

func selectOf(more, options string) string {
	return rowOf(`{"type":3,"custom_id":"s"` + more + `,"options":[` + options + `]}`)
}

const option = `{"label":"l#","value":"v#"}`

// TestLimitsOfMessages: each of these is refused, for the reason given, and the
// same one smaller is taken.
func TestLimitsOfMessages(t *testing.T) {
	field := `{"name":"a","value":"b"}`
	for _, test := range []struct{ name, at, bad, good string }{
		{"content", "content", `{"content":"` + of(2001) + `",` + quietly + `}`, `{"content":"` + of(2000) + `",` + quietly + `}`},
		{"nonce", "nonce", `{"content":"a","nonce":"` + strings.Repeat("n", 26) + `",` + quietly + `}`, `{"content":"a","nonce":"` + strings.Repeat("n", 25) + `",` + quietly + `}`},
		{"embeds", "embeds", `{"embeds":[` + times(11, `{"title":"a"}`) + `],` + quietly + `}`, `{"embeds":[` + times(10, `{"title":"a"}`) + `],` + quietly + `}`},
		{"embed title", "embeds.0.title", `{"embeds":[{"title":"` + of(257) + `"}],` + quietly + `}`, `{"embeds":[{"title":"` + of(256) + `"}],` + quietly + `}`},
		{"embed description", "embeds.0.description", `{"embeds":[{"description":"` + of(4097) + `"}],` + quietly + `}`, `{"embeds":[{"description":"` + of(4096) + `"}],` + quietly + `}`},
		{"embed footer", "embeds.0.footer.text", `{"embeds":[{"footer":{"text":"` + of(2049) + `"}}],` + quietly + `}`, `{"embeds":[{"footer":{"text":"` + of(2048) + `"}}],` + quietly + `}`},
		{"embed author", "embeds.0.author.name", `{"embeds":[{"author":{"name":"` + of(257) + `"}}],` + quietly + `}`, `{"embeds":[{"author":{"name":"` + of(256) + `"}}],` + quietly + `}`},
		{"embed fields", "embeds.0.fields", `{"embeds":[{"fields":[` + times(26, field) + `]}],` + quietly + `}`, `{"embeds":[{"fields":[` + times(25, field) + `]}],` + quietly + `}`},
		{"embed field", "embeds.0.fields.0.value", `{"embeds":[{"fields":[{"name":"a","value":"` + of(1025) + `"}]}],` + quietly + `}`, `{"embeds":[{"fields":[{"name":"a","value":"` + of(1024) + `"}]}],` + quietly + `}`},
		{"all embeds", "embeds", `{"embeds":[{"description":"` + of(3001) + `"},{"description":"` + of(3000) + `"}],` + quietly + `}`, `{"embeds":[{"description":"` + of(3000) + `"},{"description":"` + of(3000) + `"}],` + quietly + `}`},
		{"parse", "allowed_mentions.parse", `{"content":"a","allowed_mentions":{"parse":["all"]}}`, `{"content":"a","allowed_mentions":{"parse":["users"]}}`},
		{"parse and list", "allowed_mentions", `{"content":"a","allowed_mentions":{"parse":["users"],"users":["1"]}}`, `{"content":"a","allowed_mentions":{"parse":["roles"],"users":["1"]}}`},
		{"rows", "components", components(numberedTimes(6, rowOf(button))), components(numberedTimes(5, rowOf(button)))},
		{"buttons", "components.0.components", components(rowOf(numberedTimes(6, button))), components(rowOf(numberedTimes(5, button)))},
		{"empty row", "components.0.components", components(rowOf("")), components(rowOf(button))},
		{"label", "components.0.components.0.label", components(rowOf(`{"type":2,"style":1,"label":"` + of(81) + `","custom_id":"b"}`)), components(rowOf(`{"type":2,"style":1,"label":"` + of(80) + `","custom_id":"b"}`))},
		{"no label", "components.0.components.0", components(rowOf(`{"type":2,"style":1,"custom_id":"b"}`)), components(rowOf(`{"type":2,"style":1,"emoji":{"name":"x"},"custom_id":"b"}`))},
		{"no custom id", "components.0.components.0.custom_id", components(rowOf(`{"type":2,"style":1,"label":"a"}`)), components(rowOf(button))},
		{"long custom id", "components.0.components.0.custom_id", components(rowOf(`{"type":2,"style":1,"label":"a","custom_id":"` + of(101) + `"}`)), components(rowOf(`{"type":2,"style":1,"label":"a","custom_id":"` + of(100) + `"}`))},
		{"same custom id", "components.0.components.1.custom_id", components(rowOf(times(2, button))), components(rowOf(numberedTimes(2, button)))},
		{"style", "components.0.components.0.style", components(rowOf(`{"type":2,"style":7,"label":"a","custom_id":"b"}`)), components(rowOf(`{"type":2,"style":4,"label":"a","custom_id":"b"}`))},
		{"link", "components.0.components.0.url", components(rowOf(`{"type":2,"style":5,"label":"a"}`)), components(rowOf(`{"type":2,"style":5,"label":"a","url":"https://example.org"}`))},
		{"menu beside", "components.0.components.0", components(rowOf(`{"type":3,"custom_id":"s","options":[` + option + `]},` + button)), components(selectOf("", option))},
		{"no options", "components.0.components.0.options", components(selectOf("", "")), components(selectOf("", option))},
		{"options", "components.0.components.0.options", components(selectOf("", numberedTimes(26, option))), components(selectOf("", numberedTimes(25, option)))},
		{"same value", "components.0.components.0.options.1.value", components(selectOf("", times(2, option))), components(selectOf("", numberedTimes(2, option)))},
		{"option label", "components.0.components.0.options.0.label", components(selectOf("", `{"label":"`+of(101)+`","value":"a"}`)), components(selectOf("", `{"label":"`+of(100)+`","value":"a"}`))},
		{"option description", "components.0.components.0.options.0.description", components(selectOf("", `{"label":"a","value":"a","description":"`+of(101)+`"}`)), components(selectOf("", `{"label":"a","value":"a","description":"`+of(100)+`"}`))},
		{"placeholder", "components.0.components.0.placeholder", components(selectOf(`,"placeholder":"`+of(151)+`"`, option)), components(selectOf(`,"placeholder":"`+of(150)+`"`, option))},
		{"max values", "components.0.components.0.max_values", components(selectOf(`,"max_values":2`, option)), components(selectOf(`,"max_values":2`, numberedTimes(2, option)))},
		{"min and max", "components.0.components.0", components(selectOf(`,"min_values":2`, numberedTimes(2, option))), components(selectOf(`,"min_values":1`, numberedTimes(2, option)))},
		{"text input", "components.0.components.0.type", components(rowOf(`{"type":4,"custom_id":"t","style":1,"label":"a"}`)), components(rowOf(button))},
		{"same id", "components", components(rowOf(`{"type":2,"id":3,"style":1,"label":"a","custom_id":"b"},{"type":2,"id":3,"style":1,"label":"a","custom_id":"c"}`)), components(rowOf(`{"type":2,"id":3,"style":1,"label":"a","custom_id":"b"},{"type":2,"id":0,"style":1,"label":"a","custom_id":"c"}`))},
		{"V2 without the flag", "components.0.type", components(`{"type":10,"content":"a"}`), second(`{"type":10,"content":"a"}`)},
		{"V2 with content", "content", `{"flags":32768,"content":"a",` + quietly + `,"components":[{"type":10,"content":"a"}]}`, `{"flags":32768,"content":"",` + quietly + `,"components":[{"type":10,"content":"a"}]}`},
		{"V2 with embeds", "embeds", `{"flags":32768,"embeds":[{"title":"a"}],` + quietly + `,"components":[{"type":10,"content":"a"}]}`, `{"flags":32768,"embeds":[],` + quietly + `,"components":[{"type":10,"content":"a"}]}`},
		{"V2 parts", "components", second(times(41, `{"type":14}`)), second(times(40, `{"type":14}`))},
		{"V2 nested parts", "components", second(`{"type":17,"components":[` + times(40, `{"type":14}`) + `]}`), second(`{"type":17,"components":[` + times(39, `{"type":14}`) + `]}`)},
		{"V2 weight", "components", second(`{"type":10,"content":"` + of(2001) + `"},{"type":10,"content":"` + of(2000) + `"}`), second(`{"type":10,"content":"` + of(2000) + `"},{"type":10,"content":"` + of(2000) + `"}`)},
		{"V2 no words", "components.0.content", second(`{"type":10,"content":""}`), second(`{"type":10,"content":"a"}`)},
		{"container in container", "components.0.components.0.type", second(`{"type":17,"components":[{"type":17,"components":[{"type":14}]}]}`), second(`{"type":17,"components":[{"type":14}]}`)},
		{"empty container", "components.0.components", second(`{"type":17,"components":[]}`), second(`{"type":17,"components":[{"type":14}]}`)},
		{"colour", "components.0.accent_color", second(`{"type":17,"accent_color":16777216,"components":[{"type":14}]}`), second(`{"type":17,"accent_color":16777215,"components":[{"type":14}]}`)},
		{"section alone", "components.0.accessory", second(`{"type":9,"components":[{"type":10,"content":"a"}]}`), second(sectionOf(button))},
		{"section of four", "components.0.components", second(`{"type":9,"components":[` + times(4, `{"type":10,"content":"a"}`) + `],"accessory":` + button + `}`), second(`{"type":9,"components":[` + times(3, `{"type":10,"content":"a"}`) + `],"accessory":` + button + `}`)},
		{"gallery", "components.0.items", second(`{"type":12,"items":[]}`), second(`{"type":12,"items":[{"media":{"url":"https://example.org/a.png"}}]}`)},
		{"gallery alt", "components.0.items.0.description", second(`{"type":12,"items":[{"media":{"url":"https://example.org/a.png"},"description":"` + of(1025) + `"}]}`), second(`{"type":12,"items":[{"media":{"url":"https://example.org/a.png"},"description":"` + of(1024) + `"}]}`)},
		{"missing attachment", "components", second(`{"type":12,"items":[{"media":{"url":"attachment://a.png"}}]}`), second(`{"type":14}`)},
		{"unsent file", "attachments.0.id", `{"content":"a","attachments":[{"id":0,"filename":"a.png"}],` + quietly + `}`, `{"content":"a","attachments":[],` + quietly + `}`},
	} {
		d := New(t, Setup{NoSchemas: true})
		path := "/channels/" + d.ChannelID("#team") + "/messages"
		status, out, _ := call(t, d, "POST", path, test.bad)
		if status != http.StatusBadRequest || num(out, "code") != invalidForm || !blames(out, test.at) {
			t.Errorf("%s: got %d %v, want code %d at %s", test.name, status, out, invalidForm, test.at)
		}
		if len(d.Violations()) == 0 || len(d.Posted("")) > 0 {
			t.Errorf("%s: got violations %v and %d messages", test.name, d.Violations(), len(d.Posted("")))
		}
		before := len(d.Violations())
		if status, out, _ := call(t, d, "POST", path, test.good); status != http.StatusOK || len(d.Violations()) > before {
			t.Errorf("%s: got %d %v %v, want the smaller one taken", test.name, status, out, d.Violations()[before:])
		}
		d.Close()
	}
}

// blames tells whether an answer has errors just there.
func blames(out map[string]any, at string) bool {
	m := obj(out, "errors")
	for _, key := range strings.Split(at, ".") {
		m = obj(m, key)
	}
	return len(arr(m, "_errors")) > 0
}

// TestUnwise: what Discord takes, and no app of ours may do.
func TestUnwise(t *testing.T) {
	d := New(t, Setup{})
	path := "/channels/" + d.ChannelID("#team") + "/messages"
	for body, want := range map[string]string{
		`{"content":"a"}`: "allowed_mentions is missing",
		`{"content":"a","enforce_nonce":true,` + quietly + `}`: "enforce_nonce without a nonce",
		`{"content":"a","flags":16,` + quietly + `}`:           "flags: 16 cannot be set",
		`{"content":"a","flags":64,` + quietly + `}`:           "ephemeral is for answers",
	} {
		before := len(d.Violations())
		status, out, _ := call(t, d, "POST", path, body)
		got := d.Violations()[before:]
		if status != http.StatusOK || len(got) != 1 || !strings.Contains(got[0].String(), want) {
			t.Errorf("%s: got %d %v, violations %v; want it taken and %q", body, status, out, got, want)
		}
	}
	before := len(d.Violations())
	status, out, _ := call(t, d, "POST", path, `{`+quietly+`}`)
	if status != http.StatusBadRequest || num(out, "code") != emptyMessage || len(d.Violations()) != before+1 {
		t.Errorf("an empty message: got %d %v, violations %v", status, out, d.Violations()[before:])
	}
}

func TestLimitsOfForms(t *testing.T) {
	label := func(more, component string) string {
		return `{"type":18,"label":"a"` + more + `,"component":` + component + `}`
	}
	form := func(title, inner string) string {
		return `{"custom_id":"f","title":"` + title + `","components":[` + inner + `]}`
	}
	input := `{"type":4,"custom_id":"t#","style":1}`
	typed := func(more string) string { return form("a", label("", `{"type":4,"custom_id":"t","style":1`+more+`}`)) }
	for _, test := range []struct{ name, at, bad, good string }{
		{"title", "data.title", form(of(46), label("", input)), form(of(45), label("", input))},
		{"no title", "data.title", `{"custom_id":"f","components":[` + label("", input) + `]}`, form("a", label("", input))},
		{"custom id", "data.custom_id", `{"custom_id":"` + of(101) + `","title":"a","components":[` + label("", input) + `]}`, `{"custom_id":"` + of(100) + `","title":"a","components":[` + label("", input) + `]}`},
		{"empty", "data.components", form("a", ""), form("a", label("", input))},
		{"six", "data.components", form("a", numberedTimes(6, label("", input))), form("a", numberedTimes(5, label("", input)))},
		{"label", "data.components.0.label", form("a", `{"type":18,"label":"`+of(46)+`","component":`+input+`}`), form("a", `{"type":18,"label":"`+of(45)+`","component":`+input+`}`)},
		{"description", "data.components.0.description", form("a", label(`,"description":"`+of(101)+`"`, input)), form("a", label(`,"description":"`+of(100)+`"`, input))},
		{"max length", "data.components.0.component.max_length", typed(`,"max_length":4001`), typed(`,"max_length":4000`)},
		{"min length", "data.components.0.component.min_length", typed(`,"min_length":3,"max_length":2`), typed(`,"min_length":2,"max_length":2`)},
		{"value", "data.components.0.component.value", typed(`,"max_length":3,"value":"` + of(4) + `"`), typed(`,"max_length":3,"value":"` + of(3) + `"`)},
		{"placeholder", "data.components.0.component.placeholder", typed(`,"placeholder":"` + of(101) + `"`), typed(`,"placeholder":"` + of(100) + `"`)},
		{"button", "data.components.0.component.type", form("a", label("", button)), form("a", label("", input))},
		{"same id", "data.components.1.component.custom_id", form("a", times(2, label("", input))), form("a", numberedTimes(2, label("", input)))},
		{"radio", "data.components.0.component.options", form("a", label("", `{"type":21,"custom_id":"r","options":[`+option+`]}`)), form("a", label("", `{"type":21,"custom_id":"r","options":[`+numberedTimes(2, option)+`]}`))},
		{"required and none", "data.components.0.component.min_values", form("a", label("", `{"type":8,"custom_id":"r","min_values":0}`)), form("a", label("", `{"type":8,"custom_id":"r","min_values":0,"required":false}`))},
		{"disabled", "data.components.0.component.disabled", form("a", label("", `{"type":8,"custom_id":"r","disabled":true}`)), form("a", label("", `{"type":8,"custom_id":"r"}`))},
	} {
		c := checkModal(parsed(t, test.bad).(map[string]any))
		if !slices.ContainsFunc(c.wrong, func(p problem) bool { return p.at == test.at }) {
			t.Errorf("%s: got %v, want one at %s", test.name, c.wrong, test.at)
		}
		c = checkModal(parsed(t, test.good).(map[string]any))
		if len(c.wrong)+len(c.unwise) > 0 {
			t.Errorf("%s: got %v %v, want the smaller one taken", test.name, c.wrong, c.unwise)
		}
	}
	c := checkModal(parsed(t, form("a", `{"type":1,"components":[{"type":4,"custom_id":"t","style":1,"label":"a"}]}`)).(map[string]any))
	if len(c.wrong) > 0 || len(c.unwise) != 1 {
		t.Errorf("a text input in a row: got %v %v, want it taken and advised against", c.wrong, c.unwise)
	}
}

func TestLimitsOfCommands(t *testing.T) {
	one := func(more string) string { return `{"name":"rapport","description":"a"` + more + `}` }
	opt := func(name, more string) string {
		return `{"type":3,"name":"` + name + `","description":"a"` + more + `}`
	}
	options := func(inner string) string { return "[" + one(`,"options":[`+inner+`]`) + "]" }
	choice := `{"name":"n#","value":"v#"}`
	long := opt("o#", `,"name_localizations":{"de":"o#"},"description_localizations":{"de":"`+of(100)+`"},"choices":[`+times(25, `{"name":"`+of(5)+`","value":"`+of(5)+`"}`)+`]`)
	for _, test := range []struct{ name, at, bad, good string }{
		{"capitals", "0.name", `[{"name":"Rapport","description":"a"}]`, "[" + one("") + "]"},
		{"space", "0.name", `[{"name":"my rapport","description":"a"}]`, `[{"name":"my-rapport","description":"a"}]`},
		{"long name", "0.name", `[{"name":"` + of(33) + `","description":"a"}]`, `[{"name":"` + of(32) + `","description":"a"}]`},
		{"no description", "0.description", `[{"name":"a"}]`, "[" + one("") + "]"},
		{"description", "0.description", `[{"name":"a","description":"` + of(101) + `"}]`, `[{"name":"a","description":"` + of(100) + `"}]`},
		{"locale", "0.description_localizations", "[" + one(`,"description_localizations":{"de-DE":"a"}`) + "]", "[" + one(`,"description_localizations":{"de":"a"}`) + "]"},
		{"translation", "0.description_localizations.de", "[" + one(`,"description_localizations":{"de":"`+of(101)+`"}`) + "]", "[" + one(`,"description_localizations":{"de":"`+of(100)+`"}`) + "]"},
		{"twice", "1.name", "[" + times(2, one("")) + "]", "[" + one("") + "]"},
		{"hundred", "100", "[" + numberedTimes(101, `{"name":"c#","description":"a"}`) + "]", "[" + numberedTimes(100, `{"name":"c#","description":"a"}`) + "]"},
		{"options", "0.options", options(numberedTimes(26, opt("o#", ""))), options(numberedTimes(25, opt("o#", "")))},
		{"required late", "0.options.1", options(opt("a", "") + "," + opt("b", `,"required":true`)), options(opt("a", `,"required":true`) + "," + opt("b", ""))},
		{"same option", "0.options.1.name", options(times(2, opt("a", ""))), options(numberedTimes(2, opt("a#", "")))},
		{"choices", "0.options.0.choices", options(opt("a", `,"choices":[`+numberedTimes(26, choice)+`]`)), options(opt("a", `,"choices":[`+numberedTimes(25, choice)+`]`))},
		{"choices and autocomplete", "0.options.0", options(opt("a", `,"autocomplete":true,"choices":[`+choice+`]`)), options(opt("a", `,"autocomplete":true`))},
		{"max length", "0.options.0.max_length", options(opt("a", `,"max_length":6001`)), options(opt("a", `,"max_length":6000`))},
		{"size", "0", options(numberedTimes(25, long)), options(numberedTimes(20, long))},
		{"contexts", "0.contexts", "[" + one(`,"contexts":[3]`) + "]", "[" + one(`,"contexts":[0,1,2]`) + "]"},
		{"integration", "0.integration_types", "[" + one(`,"integration_types":[2]`) + "]", "[" + one(`,"integration_types":[0,1]`) + "]"},
		{"permissions", "0.default_member_permissions", "[" + one(`,"default_member_permissions":"manage"`) + "]", "[" + one(`,"default_member_permissions":"32"`) + "]"},
	} {
		d := New(t, Setup{NoSchemas: true})
		path := "/applications/" + d.AppID() + "/commands"
		status, raw, _ := request(t, d, "PUT", path, test.bad, "application/json", "Bot "+d.Token())
		out, _ := parsed(t, raw).(map[string]any)
		if status != http.StatusBadRequest || !blames(out, test.at) || len(d.Violations()) == 0 || len(d.Commands("")) > 0 {
			t.Errorf("%s: got %d %s, want it refused at %s", test.name, status, raw, test.at)
		}
		before := len(d.Violations())
		if status, raw, _ = request(t, d, "PUT", path, test.good, "application/json", "Bot "+d.Token()); status != http.StatusOK || len(d.Violations()) > before {
			t.Errorf("%s: got %d %s %v, want the smaller one taken", test.name, status, raw, d.Violations()[before:])
		}
		d.Close()
	}
}
