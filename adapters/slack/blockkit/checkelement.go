package blockkit

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"rapport/adapters/surface"
)

// element checks what can be pressed, picked from or typed into.
func (c *checker) element(where string, v any, types ...string) {
	o, ok := v.(object)
	kind := str(o, "type")
	if !ok || !slices.Contains(types, kind) {
		c.fail(where, "type %q has no place here", kind)
		return
	}
	if kind == "image" {
		c.image(where, o)
		return
	}
	if str(o, "action_id") == "" {
		c.fail(where, "has no action_id")
	}
	c.id(where+" action_id", o, "action_id", c.actions)
	if o["placeholder"] != nil {
		c.text(where+" placeholder", o["placeholder"], plainOnly, maxPlaceholder)
	}
	switch kind {
	case "button":
		c.button(where, o)
	case "plain_text_input":
		c.typed(where, o)
	case "static_select", "multi_static_select":
		c.options(where, o, maxOptions)
	case "checkboxes", "radio_buttons":
		c.options(where, o, maxBoxes)
	}
}

func (c *checker) button(where string, o object) {
	c.text(where, o["text"], plainOnly, maxButton)
	c.length(where+" value", str(o, "value"), 0, maxButtonValue)
	c.length(where+" url", str(o, "url"), 0, maxURL)
	if style, ok := o["style"]; ok && style != "primary" && style != "danger" {
		c.fail(where, "style is %q", style)
	}
}

func (c *checker) typed(where string, o object) {
	limit := maxTyped
	if n, ok := c.number(where, o, "max_length", 1); ok {
		limit = n
	}
	if least, _ := c.number(where, o, "min_length", 0); least > limit {
		c.fail(where, "min_length %d is above max_length %d", least, limit)
	}
	value := str(o, "initial_value")
	c.length(where+" initial_value", value, 0, limit)
	if o["multiline"] != true && strings.Contains(value, "\n") {
		c.fail(where+" initial_value", "has line breaks in one line")
	}
}

// number returns the number of characters under key, if there is one.
func (c *checker) number(where string, o object, key string, least int) (n int, ok bool) {
	v, given := o[key]
	if !given {
		return 0, false
	}
	f, isNumber := v.(float64)
	if n = int(f); isNumber && float64(n) == f && n >= least && n <= maxTyped {
		return n, true
	}
	c.fail(where, "%s is %v, want %d to %d", key, v, least, maxTyped)
	return 0, false
}

func (c *checker) options(where string, o object, limit int) {
	options, _ := o["options"].([]any)
	c.count(where+" options", len(options), limit)
	seen := make(map[string]bool)
	for i, v := range options {
		where := fmt.Sprintf("%s option %d", where, i+1)
		option, ok := v.(object)
		if !ok {
			c.fail(where, "is no object")
			continue
		}
		c.text(where, option["text"], plainOnly, maxOption)
		value := str(option, "value")
		c.length(where+" value", value, 1, maxOptionValue)
		if seen[value] {
			c.fail(where+" value", "%q is taken", value)
		}
		seen[value] = true
	}
	c.initial(where, o, options)
}

// initial checks that what is picked beforehand is among options as it is.
func (c *checker) initial(where string, o object, options []any) {
	picked, given := o["initial_options"].([]any)
	if given && len(picked) == 0 {
		c.fail(where+" initial_options", "are none")
	}
	if one := o["initial_option"]; one != nil {
		picked = append(picked, one)
	}
	for _, p := range picked {
		if !slices.ContainsFunc(options, func(v any) bool { return reflect.DeepEqual(v, p) }) {
			c.fail(where, "what is picked is no option")
		}
	}
}

// The kinds of text a place takes.
const (
	plainOnly = false
	anyText   = true
)

// text checks a text object.
func (c *checker) text(where string, v any, markup bool, limit int) {
	o, ok := v.(object)
	if !ok {
		c.fail(where, "has no text")
		return
	}
	s := str(o, "text")
	c.chars += utf8.RuneCountInString(s)
	c.length(where, s, 1, limit)
	if s != "" && surface.Blank(s) {
		c.fail(where, "is blank")
	}
	if s != surface.Visible(s) {
		c.fail(where, "has control characters")
	}
	switch kind := str(o, "type"); {
	case kind == "mrkdwn" && markup:
		c.markup(where, s, o)
	case kind != "plain_text":
		c.fail(where, "a %q text has no place here", kind)
	}
}

// markup checks that s holds only the tokens that this package writes.
func (c *checker) markup(where, s string, o object) {
	if o["emoji"] != nil {
		c.fail(where, "emoji is for plain text")
	}
	if o["verbatim"] != true {
		c.fail(where, "is not verbatim: names and addresses in it become links")
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '&':
			if !entity(s[i:]) {
				c.fail(where, "an & is not escaped, behind %d characters", utf8.RuneCountInString(s[:i]))
			}
		case '<':
			inside, rest, ok := strings.Cut(s[i+1:], ">")
			if !ok || !token(inside) {
				c.fail(where, "a < that begins neither a person, a channel nor an instant, behind %d characters", utf8.RuneCountInString(s[:i]))
				continue
			}
			i = len(s) - len(rest) - 1
		}
	}
}

func entity(s string) bool {
	return strings.HasPrefix(s, "&amp;") || strings.HasPrefix(s, "&lt;") || strings.HasPrefix(s, "&gt;")
}

// token reports whether inside names a person, a channel or an instant: not a
// link, and nobody else.
func token(inside string) bool {
	if id, ok := strings.CutPrefix(inside, "@"); ok {
		return userID(id)
	}
	if id, ok := strings.CutPrefix(inside, "#"); ok {
		return channelID(id)
	}
	at, ok := strings.CutPrefix(inside, "!date^")
	if !ok {
		return false
	}
	format, words, ok := strings.Cut(at, "|")
	return ok && !surface.Blank(words) && !strings.ContainsAny(words, "<|") && strings.Count(format, "^") == 1
}
