package blockkit

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	slackgo "github.com/slack-go/slack"

	"rapport/coach/coachtest"
)

// check reports faults in what goes over the wire.
func check(t *testing.T, what string, v any) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := Check(b); err != nil {
		t.Errorf("%s: %v\n%s", what, err, b)
	}
}

func TestCheckPassesGallery(t *testing.T) {
	for name, m := range coachtest.Gallery() {
		check(t, name, Message(m))
		check(t, name+" in a modal", Modal(m, "o"))
		for _, tab := range []string{"home", "progress", "settings", ""} {
			check(t, name+" at home", Home(m, tab))
		}
		if n := len([]rune(Notice(m))); n < 1 || n > 3000 {
			t.Errorf("%s: notice takes %d characters", name, n)
		}
	}
	for name, f := range coachtest.Forms() {
		check(t, name, Form(f, "o"))
	}
}

// TestCheckFinds plants one fault after the other in what passes.
func TestCheckFinds(t *testing.T) {
	long := func(n int) string { return strings.Repeat("\u00fc", n) }
	text := func(kind, s string) object { return object{"type": kind, "text": s} }
	plain := func(s string) object { return text("plain_text", s) }
	button := func(id string) object {
		return object{"type": "button", "action_id": id, "text": plain("ok"), "value": "v"}
	}
	option := func(v string) object { return object{"text": plain(v), "value": v} }
	menu := func(options ...any) object {
		return object{"type": "static_select", "action_id": "m", "options": options}
	}
	boxes := func(options ...any) object {
		return object{"type": "checkboxes", "action_id": "m", "options": options}
	}
	box := func(pairs ...any) object {
		o := object{"type": "plain_text_input", "action_id": "i"}
		for i := 0; i < len(pairs); i += 2 {
			o[pairs[i].(string)] = pairs[i+1]
		}
		return o
	}
	with := func(o object, key string, v any) object {
		o[key] = v
		return o
	}
	row := func(e ...any) object { return object{"type": "actions", "elements": e} }
	section := func(v any) object { return object{"type": "section", "text": v} }
	words := func(s string) object { return section(object{"type": "mrkdwn", "text": s, "verbatim": true}) }
	contextOf := func(e ...any) object { return object{"type": "context", "elements": e} }
	image := func(alt string) object {
		return object{"type": "image", "alt_text": alt, "image_url": "https://slack.com/x.png"}
	}
	input := func(e any) object {
		return object{"type": "input", "block_id": "i", "label": plain("l"), "element": e}
	}
	modal := func(blocks ...any) object {
		return object{"type": "modal", "title": plain("t"), "submit": plain("s"), "close": plain("c"), "blocks": blocks}
	}
	home := func(blocks ...any) object { return object{"type": "home", "blocks": blocks} }
	times := func(n int, f func(i int) any) (all []any) {
		for i := range n {
			all = append(all, f(i))
		}
		return all
	}
	one := func(b any) []any { return []any{b} }
	divider := func(int) any { return object{"type": "divider"} }

	good := []any{
		times(50, divider), one(object{"type": "header", "text": plain(long(150))}), one(section(plain(long(3000)))),
		one(words("*a* &amp; &lt; &gt; <@U1> <!date^1^{time}|noon>")), one(contextOf(times(10, func(int) any { return plain("x") })...)),
		one(row(times(25, func(i int) any { return button(fmt.Sprint(i)) })...)),
		one(row(menu(times(100, func(i int) any { return option(fmt.Sprint(i)) })...))), one(image(long(2000))),
		modal(input(box("max_length", 3000, "initial_value", long(3000)))), home(), modal(times(100, divider)...),
		modal(input(with(boxes(option("a"), option("b")), "initial_options", one(option("b"))))),
	}
	for i, v := range good {
		if o, ok := v.(object); ok && o["type"] == "home" {
			o["blocks"] = one(divider(0))
		}
		check(t, fmt.Sprint("good ", i), v)
	}
	bad := map[string]any{
		"no block": []any{}, "51 blocks": times(51, divider), "101 blocks": modal(times(101, divider)...),
		"a block of null": one(nil), "a new block": one(object{"type": "markdown", "text": "x"}), "a word": "x", "a null": nil,
		"an input in a message": one(input(box())), "home of null": with(home(), "blocks", nil), "modal of null": with(modal(), "blocks", nil),
		"long header": one(object{"type": "header", "text": plain(long(151))}), "no header": one(object{"type": "header"}),
		"empty header": one(object{"type": "header", "text": plain("")}), "markup header": one(object{"type": "header", "text": text("mrkdwn", "x")}),
		"long section": one(section(plain(long(3001)))), "empty section": one(section(plain(""))), "blank section": one(section(plain(" \n"))),
		"no text in a section": one(object{"type": "section"}), "a string for a text": one(section("x")), "no type of text": one(section(text("", "x"))),
		"11 fields":       one(object{"type": "section", "fields": times(11, func(int) any { return plain("x") })}),
		"no fields":       one(with(section(plain("x")), "fields", []any{})),
		"long field":      one(object{"type": "section", "fields": one(plain(long(2001)))}),
		"odd accessory":   one(with(section(plain("x")), "accessory", box())),
		"control":         one(section(plain("a\u202eb"))),
		"not verbatim":    one(section(text("mrkdwn", "x"))),
		"emoji in markup": one(section(object{"type": "mrkdwn", "text": "x", "verbatim": true, "emoji": false})),
		"everybody":       one(words("<!channel>")), "here": one(words("x <!here|here>")), "a group": one(words("<!subteam^S1>")), "a channel": one(words("<#C1>")),
		"a link": one(words("<http://evil.example|x>")), "a bad user": one(words("<@u1>")), "an open token": one(words("a < b")),
		"a raw ampersand": one(words("a & b")), "a date without words": one(words("<!date^1^{time}>")), "a date with a link": one(words("<!date^1^{time}^http://x|y>")),
		"11 in context": one(contextOf(times(11, func(int) any { return plain("x") })...)), "none in context": one(contextOf()),
		"long in context": one(contextOf(plain(long(3001)))), "a button in context": one(contextOf(button("b"))),
		"26 in a row": one(row(times(26, func(i int) any { return button(fmt.Sprint(i)) })...)), "none in a row": one(row()), "an input in a row": one(row(box())),
		"same action_id": []any{row(button("a")), row(button("a"))}, "no action_id": one(row(button(""))), "long action_id": one(row(button(long(256)))),
		"same block_id": []any{with(row(button("a")), "block_id", "x"), with(row(button("b")), "block_id", "x")},
		"long block_id": one(with(row(button("a")), "block_id", long(256))),
		"long button":   one(row(with(button("a"), "text", plain(long(76))))), "no button text": one(row(with(button("a"), "text", nil))),
		"long value": one(row(with(button("a"), "value", long(2001)))), "odd style": one(row(with(button("a"), "style", "default"))),
		"long url":    one(row(with(button("a"), "url", long(3001)))),
		"101 options": one(row(menu(times(101, func(i int) any { return option(fmt.Sprint(i)) })...))), "no options": one(row(menu())),
		"long option": one(row(menu(object{"text": plain(long(76)), "value": "v"}))), "long option value": one(row(menu(object{"text": plain("x"), "value": long(151)}))),
		"no option value": one(row(menu(object{"text": plain("x")}))), "an option of null": one(row(menu(nil))), "same option": one(row(menu(option("a"), option("a")))),
		"odd initial":      one(row(with(menu(option("a")), "initial_option", option("b")))),
		"other initial":    one(row(with(menu(option("a")), "initial_option", object{"text": plain("z"), "value": "a"}))),
		"no initial":       modal(input(with(boxes(option("a")), "initial_options", []any{}))),
		"long placeholder": one(row(with(menu(option("a")), "placeholder", plain(long(151))))),
		"11 boxes":         modal(input(boxes(times(11, func(i int) any { return option(fmt.Sprint(i)) })...))),
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
		"long initial": modal(input(box("max_length", 3, "initial_value", "four"))), "initial of two lines": modal(input(box("initial_value", "a\nb"))),
	}
	for name, v := range bad {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(b); err == nil {
			t.Errorf("%s: not found in %.200s", name, b)
		} else if n := strings.Count(err.Error(), "\n") + 1; n > 2 {
			t.Errorf("%s: %d faults, want the one planted:\n%v", name, n, err)
		}
	}
	if err := Check([]byte("[")); err == nil {
		t.Error("half a payload passes")
	}
	two, err := json.Marshal([]any{row(button("a"), button("a")), section(plain(long(3001)))})
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(two); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("got %v, want both faults", err)
	}
}

// TestCheckFindsNullHome plants what slack-go makes of a Home without blocks.
func TestCheckFindsNullHome(t *testing.T) {
	b, err := json.Marshal(slackgo.HomeTabViewRequest{Type: slackgo.VTHomeTab})
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(b); err == nil {
		t.Errorf("%s passes", b)
	}
}
