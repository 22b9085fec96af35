package blockkit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"

	"rapport/adapters/slack/blockkit"
)

// The parts that payloads are made of here, as JSON and not as slack-go's
// types: those leave out what is empty.
type object = map[string]any

// long returns n characters of two bytes each.
func long(n int) string { return strings.Repeat("\u00fc", n) }

func text(kind, s string) object { return object{"type": kind, "text": s} }

func plain(s string) object { return text("plain_text", s) }

func with(o object, key string, v any) object {
	o[key] = v
	return o
}

func one(b any) []any { return []any{b} }

func times(n int, f func(i int) any) (all []any) {
	for i := range n {
		all = append(all, f(i))
	}
	return all
}

func divider(int) any { return object{"type": "divider"} }

func section(v any) object { return object{"type": "section", "text": v} }

// words is a section in Slack's markup.
func words(s string) object {
	return section(object{"type": "mrkdwn", "text": s, "verbatim": true})
}

func word(int) any { return plain("x") }

func contextOf(e ...any) object { return object{"type": "context", "elements": e} }

func row(e ...any) object { return object{"type": "actions", "elements": e} }

func button(id string) object {
	return object{"type": "button", "action_id": id, "text": plain("ok"), "value": "v"}
}

func buttonN(i int) any { return button(fmt.Sprint(i)) }

func option(v string) object { return object{"text": plain(v), "value": v} }

func optionN(i int) any { return option(fmt.Sprint(i)) }

func menu(options ...any) object {
	return object{"type": "static_select", "action_id": "m", "options": options}
}

func boxes(options ...any) object {
	return object{"type": "checkboxes", "action_id": "m", "options": options}
}

// box is a place to type in, with pairs of keys and values.
func box(pairs ...any) object {
	o := object{"type": "plain_text_input", "action_id": "i"}
	for i := 0; i < len(pairs); i += 2 {
		o[pairs[i].(string)] = pairs[i+1]
	}
	return o
}

func image(alt string) object {
	return object{"type": "image", "alt_text": alt, "image_url": "https://slack.com/x.png"}
}

func input(e any) object {
	return object{"type": "input", "block_id": "i", "label": plain("l"), "element": e}
}

func modal(blocks ...any) object {
	return object{"type": "modal", "title": plain("t"), "submit": plain("s"), "close": plain("c"), "blocks": blocks}
}

func home(blocks ...any) object { return object{"type": "home", "blocks": blocks} }

// faults returns what Check finds in v, a line each.
func faults(t *testing.T, v any) []string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := blockkit.Check(b); err != nil {
		return strings.Split(err.Error(), "\n")
	}
	return nil
}

// TestCheckPasses goes up to every limit.
func TestCheckPasses(t *testing.T) {
	for i, v := range []any{
		times(50, divider), one(object{"type": "header", "text": plain(long(150))}), one(section(plain(long(3000)))),
		one(words("*a* &amp; &lt; &gt; <@U1> <!date^1^{time}|noon>")), one(contextOf(times(10, word)...)),
		one(row(times(25, buttonN)...)),
		one(row(menu(times(100, optionN)...))), one(image(long(2000))),
		modal(input(box("max_length", 3000, "initial_value", long(3000)))), home(divider(0)), modal(times(100, divider)...),
		modal(input(with(boxes(option("a"), option("b")), "initial_options", one(option("b"))))),
	} {
		if got := faults(t, v); got != nil {
			t.Errorf("%d: got %q", i, got)
		}
	}
}

// planted are payloads with one fault each.
func planted() map[string]any {
	return map[string]any{
		"no block": []any{}, "51 blocks": times(51, divider), "101 blocks": modal(times(101, divider)...),
		"a block of null": one(nil), "a new block": one(object{"type": "markdown", "text": "x"}), "a word": "x", "a null": nil,
		"an input in a message": one(input(box())), "home of null": with(home(), "blocks", nil), "modal of null": with(modal(), "blocks", nil),
		"long header": one(object{"type": "header", "text": plain(long(151))}), "no header": one(object{"type": "header"}),
		"empty header": one(object{"type": "header", "text": plain("")}), "markup header": one(object{"type": "header", "text": text("mrkdwn", "x")}),
		"long section": one(section(plain(long(3001)))), "empty section": one(section(plain(""))), "blank section": one(section(plain(" \n"))),
		"no text in a section": one(object{"type": "section"}), "a string for a text": one(section("x")), "no type of text": one(section(text("", "x"))),
		"11 fields":       one(object{"type": "section", "fields": times(11, word)}),
		"no fields":       one(with(section(plain("x")), "fields", []any{})),
		"long field":      one(object{"type": "section", "fields": one(plain(long(2001)))}),
		"odd accessory":   one(with(section(plain("x")), "accessory", box())),
		"control":         one(section(plain("secret\u202eb"))),
		"not verbatim":    one(section(text("mrkdwn", "x"))),
		"emoji in markup": one(section(object{"type": "mrkdwn", "text": "x", "verbatim": true, "emoji": false})),
		"everybody":       one(words("<!channel>")), "here": one(words("x <!here|here>")), "a group": one(words("<!subteam^S1>")), "no channel": one(words("<#U1>")),
		"a link": one(words("<http://evil.example|secret>")), "a bad user": one(words("<@u1>")), "an open token": one(words("a < secret")),
		"a raw ampersand": one(words("a & secret")), "a date without words": one(words("<!date^1^{time}>")), "a date with a link": one(words("<!date^1^{time}^http://x|y>")),
		"11 in context": one(contextOf(times(11, word)...)), "none in context": one(contextOf()),
		"long in context": one(contextOf(plain(long(3001)))), "a button in context": one(contextOf(button("b"))),
		"26 in a row": one(row(times(26, buttonN)...)), "none in a row": one(row()), "an input in a row": one(row(box())),
		"same action_id": []any{row(button("a")), row(button("a"))}, "no action_id": one(row(button(""))), "long action_id": one(row(button(long(256)))),
		"same block_id": []any{with(row(button("a")), "block_id", "x"), with(row(button("b")), "block_id", "x")},
		"long block_id": one(with(row(button("a")), "block_id", long(256))),
		"long button":   one(row(with(button("a"), "text", plain(long(76))))), "no button text": one(row(with(button("a"), "text", nil))),
		"long value": one(row(with(button("a"), "value", long(2001)))), "odd style": one(row(with(button("a"), "style", "default"))),
		"long url":    one(row(with(button("a"), "url", long(3001)))),
		"101 options": one(row(menu(times(101, optionN)...))), "no options": one(row(menu())),
		"long option": one(row(menu(object{"text": plain(long(76)), "value": "v"}))), "long option value": one(row(menu(object{"text": plain("x"), "value": long(151)}))),
		"no option value": one(row(menu(object{"text": plain("x")}))), "an option of null": one(row(menu(nil))), "same option": one(row(menu(option("a"), option("a")))),
		"odd initial":      one(row(with(menu(option("a")), "initial_option", option("b")))),
		"other initial":    one(row(with(menu(option("a")), "initial_option", object{"text": plain("z"), "value": "a"}))),
		"no initial":       modal(input(with(boxes(option("a")), "initial_options", []any{}))),
		"long placeholder": one(row(with(menu(option("a")), "placeholder", plain(long(151))))),
		"11 boxes":         modal(input(boxes(times(11, optionN)...))),
		"no alt":           one(image("")), "long alt": one(image(long(2001))), "no image": one(object{"type": "image", "alt_text": "x"}),
		"two images": one(with(image("x"), "slack_file", object{"id": "F1"})), "long image title": one(with(image("x"), "title", plain(long(2001)))),
		"long image url": one(with(image("x"), "image_url", long(3001))), "an image in context without alt": one(contextOf(image(""))),
		"13001 characters": times(5, func(int) any { return section(plain(long(2601))) }),
		"no title":         with(modal(divider(0)), "title", nil), "long title": with(modal(divider(0)), "title", plain(long(25))), "markup title": with(modal(divider(0)), "title", text("mrkdwn", "x")),
		"long submit": with(modal(divider(0)), "submit", plain(long(25))), "long close": with(modal(divider(0)), "close", plain(long(25))),
		"no submit": with(modal(input(box())), "submit", nil), "title at home": with(home(divider(0)), "title", plain("x")), "submit at home": with(home(divider(0)), "submit", plain("x")),
		"odd view": with(home(divider(0)), "type", "tab"), "no view": object{"blocks": one(divider(0))},
		"long metadata": with(home(divider(0)), "private_metadata", long(3001)), "long callback_id": with(home(divider(0)), "callback_id", long(256)), "long external_id": with(home(divider(0)), "external_id", long(256)),
		"heavy view": modal(times(100, func(int) any { return section(plain(strings.Repeat("x", 2500))) })...),
		"long label": modal(with(input(box()), "label", plain(long(2001)))), "no label": modal(with(input(box()), "label", nil)), "long hint": modal(with(input(box()), "hint", plain(long(2001)))),
		"a button as input": modal(input(button("b"))), "no element": modal(input(nil)),
		"max_length 3001": modal(input(box("max_length", 3001))), "max_length 0": modal(input(box("max_length", 0))), "min above max": modal(input(box("max_length", 2, "min_length", 3))),
		"max_length 1.5": modal(input(box("max_length", 1.5))), "max_length a word": modal(input(box("max_length", "9"))), "min_length -1": modal(input(box("min_length", -1))),
		"long initial": modal(input(box("max_length", 3, "initial_value", "secret"))), "initial of two lines": modal(input(box("initial_value", "a\nsecret"))),
	}
}

func TestCheckFinds(t *testing.T) {
	for name, v := range planted() {
		if got := faults(t, v); len(got) == 0 {
			t.Errorf("%s: not found", name)
		} else if len(got) > 2 {
			t.Errorf("%s: got %q, want the one planted", name, got)
		} else if strings.Contains(got[0], "secret") {
			t.Errorf("%s: %q repeats what somebody wrote", name, got)
		}
	}
	if err := blockkit.Check([]byte("[")); err == nil {
		t.Error("half a payload passes")
	}
	if got := faults(t, []any{row(button("a"), button("a")), section(plain(long(3001)))}); len(got) != 2 {
		t.Errorf("got %q, want both faults", got)
	}
	if got := faults(t, slackgo.HomeTabViewRequest{Type: slackgo.VTHomeTab}); len(got) != 1 {
		t.Errorf("got %q of what slack-go makes of a home without blocks", got)
	}
}
