package components_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"rapport/adapters/discord/components"
)

// The parts that payloads are made of here, as JSON and not as types: those
// leave out what is empty.
type object = map[string]any

// long returns n characters of two bytes each.
func long(n int) string { return strings.Repeat("\u00fc", n) }

func with(o object, pairs ...any) object {
	for i := 0; i < len(pairs); i += 2 {
		o[pairs[i].(string)] = pairs[i+1]
	}
	return o
}

func times(n int, f func(i int) any) (all []any) {
	for i := range n {
		all = append(all, f(i))
	}
	return all
}

func message(parts ...any) []any { return []any{object{"type": 17, "components": parts}} }

func display(s string) object { return object{"type": 10, "content": s} }

func displayN(i int) any { return display(fmt.Sprint(i)) }

func row(parts ...any) object { return object{"type": 1, "components": parts} }

func button(id string) object {
	return object{"type": 2, "custom_id": id, "label": "ok", "style": 2}
}

func buttonN(i int) any { return button(fmt.Sprint(i)) }

func option(v string) object { return object{"label": v, "value": v} }

func optionN(i int) any { return option(fmt.Sprint(i)) }

func menu(options ...any) object {
	return object{"type": 3, "custom_id": "m", "placeholder": "p", "options": options}
}

func gallery(name string) object {
	return object{"type": 12, "items": []any{object{"media": object{"url": name}, "description": "d"}}}
}

func modal(parts ...any) object {
	return object{"custom_id": "f", "title": "t", "components": parts}
}

func label(inside any) object { return object{"type": 18, "label": "l", "component": inside} }

func box(pairs ...any) object {
	return with(object{"type": 4, "custom_id": "i", "style": 1, "required": true}, pairs...)
}

func boxN(i int) any { return label(box("custom_id", fmt.Sprint(i))) }

func channels(pairs ...any) object {
	return with(object{"type": 8, "custom_id": "c", "channel_types": []any{0, 5}}, pairs...)
}

func channel(id string) any { return []any{object{"type": "channel", "id": id}} }

// faults returns what Check finds in v, a line each.
func faults(t *testing.T, v any) []string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := components.Check(b); err != nil {
		return strings.Split(err.Error(), "\n")
	}
	return nil
}

// TestCheckPasses goes up to every limit.
func TestCheckPasses(t *testing.T) {
	for i, v := range []any{
		message(times(39, displayN)...), message(display(long(4000))), message(display("### a")),
		message(display("**a** <@1> <#2> <t:3:F> \\<x http\\://b `<x> @ a://b` ``` ` ```")),
		message(row(times(5, buttonN)...)), message(row(with(button(long(100)), "label", long(80), "style", 4))),
		message(row(menu(times(25, optionN)...))), message(row(with(menu(with(option(long(100)), "description", "")), "placeholder", long(150)))),
		message(with(gallery("attachment://weeks-1.png"), "items", []any{object{"media": object{"url": "attachment://a"}, "description": long(1024)}})),
		modal(times(5, boxN)...), with(modal(display(long(4000)), boxN(1)), "title", long(45), "custom_id", long(100)),
		modal(with(label(box("max_length", 4000, "min_length", 4000, "value", long(4000), "style", 2)), "label", long(45), "description", long(100))),
		modal(label(box("style", 2, "value", "a\nb"))),
		modal(label(with(menu(with(option("a"), "default", true), with(option("b"), "default", true)), "max_values", 2, "min_values", 0, "required", false))),
		modal(label(channels("default_values", channel("123")))),
	} {
		if got := faults(t, v); got != nil {
			t.Errorf("%d: got %q", i, got)
		}
	}
}

// planted are payloads with one fault each.
func planted() map[string]any {
	return map[string]any{
		"a number": 7, "no object": []any{7}, "no container": []any{display("x")}, "an empty container": message(), "a number inside": message(7),
		"41 components": message(times(40, displayN)...), "4001 characters": message(display(long(2000)), display(long(2001))),
		"an empty text": message(display("")), "a blank text": message(display(" \n")), "control characters": message(display("a\x1bsecret")),
		"turned text": message(display("a\u202esecret")), "everyone": message(display("\\@Everyone secret")), "here": message(display("`@here`")),
		"a token": message(display("<:secret:1>")), "a role": message(display("<@&1>")), "half a token": message(display("a < b")), "an odd id": message(display("<@012>")),
		"a link": message(display("http://secret.example")), "a masked link": message(display("[a](secret)")), "a spoiler": message(display("||secret||")), "struck": message(display("~~secret~~")),
		"half code": message(display("`<secret>")), "a link behind code": message(display("`a` https://secret")),
		"an odd type": message(object{"type": 14}), "a text in a row": message(row(display("x"))), "an empty row": message(row()),
		"6 buttons": message(row(times(6, buttonN)...)), "two selects": message(row(menu(option("a")), button("b"))), "ids twice": message(row(button("a"), button("a"))),
		"no id": message(row(with(button(""), "label", "x"))), "long id": message(row(button(long(101)))), "no label": message(row(with(button("a"), "label", ""))),
		"long label": message(row(with(button("a"), "label", long(81)))), "green": message(row(with(button("a"), "style", 3))), "a link button": message(row(with(button("a"), "url", "secret"))),
		"no options": message(row(menu())), "26 options": message(row(menu(times(26, optionN)...))), "values twice": message(row(menu(option("a"), option("a")))),
		"no value": message(row(menu(with(option("a"), "value", "")))), "long value": message(row(menu(with(option("a"), "value", long(101))))), "long option": message(row(menu(with(option("a"), "label", long(101))))),
		"long description": message(row(menu(with(option("a"), "description", long(101))))), "long placeholder": message(row(with(menu(option("a")), "placeholder", long(151)))),
		"too many to pick": message(row(with(menu(option("a")), "max_values", 2))), "two chosen": message(row(menu(with(option("a"), "default", true), with(option("b"), "default", true)))),
		"none to pick": message(row(with(menu(option("a")), "max_values", 0))), "half to pick": message(row(with(menu(option("a")), "max_values", 0.5))),
		"no items": message(with(gallery("x"), "items", []any{})), "an address as picture": message(gallery("https://secret.example/x.png")), "an odd file": message(gallery("attachment://a b.png")), "no file": message(gallery("attachment://")),
		"long alt": message(object{"type": 12, "items": []any{object{"media": object{"url": "attachment://a"}, "description": long(1025)}}}),
		"no parts": modal(), "6 parts": modal(times(6, boxN)...), "no title": with(modal(boxN(0)), "title", ""), "long title": with(modal(boxN(0)), "title", long(46)), "no modal id": with(modal(boxN(0)), "custom_id", ""),
		"a row in a modal": modal(row(button("a"))), "a hostile lead": modal(display("<@&1>"), boxN(0)), "long label of an input": modal(with(label(box()), "label", long(46))), "blank label": modal(with(label(box()), "label", " ")),
		"an empty description": modal(with(label(box()), "description", "")), "a button in a label": modal(label(button("a"))), "nothing in a label": modal(label(nil)), "disabled": modal(label(box("disabled", false))),
		"odd style": modal(label(box("style", 3))), "max_length 4001": modal(label(box("max_length", 4001))), "max_length 0": modal(label(box("max_length", 0))), "min above max": modal(label(box("min_length", 3, "max_length", 2))),
		"long value of an input": modal(label(box("max_length", 2, "value", "secret"))), "two lines in one": modal(label(box("value", "a\nsecret"))), "control characters in a value": modal(label(box("value", "\x1bsecret"))),
		"no id of an input": modal(label(box("custom_id", ""))), "ids of inputs twice": modal(boxN(0), boxN(0)),
		"required and none": modal(label(with(menu(option("a")), "min_values", 0))), "no types": modal(label(channels("channel_types", []any{}))), "voice": modal(label(channels("channel_types", []any{2}))),
		"no channel": modal(label(channels("default_values", channel("secret")))), "no default": modal(label(channels("default_values", []any{}))),
		"two channels": modal(label(channels("default_values", append(channel("1").([]any), channel("2").([]any)...)))),
	}
}

func TestCheckFinds(t *testing.T) {
	for name, v := range planted() {
		if got := faults(t, v); len(got) == 0 {
			t.Errorf("%s: not found", name)
		} else if len(got) > 2 {
			t.Errorf("%s: got %q, want the one planted", name, got)
		} else if strings.Contains(strings.Join(got, ""), "secret") {
			t.Errorf("%s: %q repeats what somebody wrote", name, got)
		}
	}
	if err := components.Check([]byte("[")); err == nil {
		t.Error("half a payload passes")
	}
	if got := faults(t, message(row(button("a"), button("a")), display(long(4001)))); len(got) != 3 {
		t.Errorf("got %q, want all faults", got)
	}
}
