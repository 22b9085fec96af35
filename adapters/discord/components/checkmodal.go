package components

import (
	"regexp"
	"slices"
	"strings"

	"rapport/adapters/surface"
)

func (c *checker) modal(o map[string]any) {
	c.length("custom_id", str(o, "custom_id"), 1, maxID)
	c.words("title", o["title"], maxModalTitle)
	parts, _ := o["components"].([]any)
	c.count("components", len(parts), 1, maxParts)
	c.each("component", parts, func(where string, o map[string]any) {
		switch kind(o) {
		case 10:
			c.display(where, o)
		case labelComponent:
			c.label(where, o)
		default:
			c.fail(where, "type %d has no place in a modal", kind(o))
		}
	})
}

func (c *checker) label(where string, o map[string]any) {
	c.words(where+" label", o["label"], maxLabel)
	if o["description"] != nil {
		c.words(where+" description", o["description"], maxDescription)
	}
	inside, _ := o["component"].(map[string]any)
	if inside["disabled"] != nil {
		c.fail(where, "nothing in a modal can be disabled")
	}
	switch kind(inside) {
	case 3:
		c.menu(where, inside)
	case 4:
		c.typed(where, inside)
	case 8:
		c.channels(where, inside)
	default:
		c.fail(where, "type %d has no place in a label", kind(inside))
	}
}

func (c *checker) typed(where string, o map[string]any) {
	c.id(where, o)
	if o["style"] != 1.0 && o["style"] != 2.0 {
		c.fail(where, "style is %v", o["style"])
	}
	limit := c.number(where, o, "max_length", 1, maxTyped, maxTyped)
	if least := c.number(where, o, "min_length", 0, maxTyped, 0); least > limit {
		c.fail(where, "min_length %d is above max_length %d", least, limit)
	}
	value := str(o, "value")
	c.length(where+" value", value, 0, limit)
	if value != surface.Visible(value) {
		c.fail(where, "its value has control characters")
	}
	if o["style"] == 1.0 && strings.Contains(value, "\n") {
		c.fail(where, "its value has line breaks in one line")
	}
}

func (c *checker) channels(where string, o map[string]any) {
	c.id(where, o)
	types, _ := o["channel_types"].([]any)
	if len(types) == 0 || slices.ContainsFunc(types, func(t any) bool { return t != 0.0 && t != 5.0 }) {
		c.fail(where, "channels of types %v are to be picked", types)
	}
	chosen, given := o["default_values"].([]any)
	for _, v := range chosen {
		value, _ := v.(map[string]any)
		if str(value, "type") != "channel" || !aSnowflake.MatchString(str(value, "id")) {
			c.fail(where, "what is picked is no channel")
		}
	}
	if given && len(chosen) == 0 {
		c.fail(where, "none are picked")
	}
	c.picks(where, o, len(chosen), maxOptions)
}

var (
	aSnowflake = regexp.MustCompile(`^[1-9][0-9]{0,19}$`)
	aToken     = regexp.MustCompile(`^<(?:@[1-9][0-9]{0,19}|#[1-9][0-9]{0,19}|t:[0-9]{1,12}:F)>`)
	aCall      = regexp.MustCompile(`(?i)@(?:everyone|here)`)
	anAddress  = regexp.MustCompile(`^\w+://`)
)

// display checks a text display.
func (c *checker) display(where string, o map[string]any) {
	s := str(o, "content")
	c.chars += length(s)
	c.words(where, s, maxText)
	if aCall.MatchString(s) {
		c.fail(where, "calls everybody")
	}
	for i := 0; i < len(s); i++ {
		switch rest := s[i:]; {
		case s[i] == '\\':
			i++ // and what it escapes
		case s[i] == '`':
			i += codeLength(rest) - 1
		case s[i] == '<':
			token := aToken.FindString(rest)
			if token == "" {
				c.fail(where, "a < that begins neither a person, a channel nor an instant, behind %d characters", length(s[:i]))
			}
			i += max(len(token)-1, 0)
		case alnum(s[i]) && (i == 0 || !alnum(s[i-1])) && anAddress.MatchString(rest):
			c.fail(where, "an address becomes a link, behind %d characters", length(s[:i]))
		case strings.HasPrefix(rest, "](") || strings.HasPrefix(rest, "||") || strings.HasPrefix(rest, "~~"):
			c.fail(where, "a link or a style that is never asked for, behind %d characters", length(s[:i]))
		}
	}
}

// codeLength is how many bytes the code takes that s begins with.
func codeLength(s string) int {
	ticks := s[:len(s)-len(strings.TrimLeft(s, "`"))]
	inside, _, ok := strings.Cut(s[len(ticks):], ticks)
	if !ok {
		return len(ticks)
	}
	return len(inside) + 2*len(ticks)
}
