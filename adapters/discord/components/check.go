package components

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rapport/adapters/surface"
)

// Limits that only Check needs, in characters unless said otherwise.
const (
	maxID     = 100 // also of an option's value
	maxItems  = 10  // of a gallery
	maxInRow  = 5   // buttons
	maxTyped  = 4000
	container = 17
)

// Check reports every limit of Discord that payload breaks, and everything in it
// that Discord would refuse or that this package never says, such as a mention
// of everybody. payload is the JSON of the components of a message, an array,
// or of a modal, an object. Check knows what this package can make: a component
// of another type is a fault. The error repeats no words of the payload.
func Check(payload []byte) error {
	var v any
	if err := json.Unmarshal(payload, &v); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	c := checker{ids: make(map[string]bool)}
	switch v := v.(type) {
	case []any:
		c.message(v)
	case map[string]any:
		c.modal(v)
	default:
		c.fail("payload", "is neither components nor a modal")
	}
	return errors.Join(c.errs...)
}

// A checker gathers faults.
type checker struct {
	errs  []error
	ids   map[string]bool
	parts int // of a message, nested ones included
	chars int // over all text displays
}

func (c *checker) fail(where, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
}

func (c *checker) message(parts []any) {
	c.each("component", parts, func(where string, o map[string]any) {
		if kind(o) != container {
			c.fail(where, "is no container")
			return
		}
		inside, _ := o["components"].([]any)
		c.count(where, len(inside), 1, maxComponents)
		c.each(where+" component", inside, c.part)
	})
	if c.parts > maxComponents {
		c.fail("message", "has %d components, limit %d", c.parts, maxComponents)
	}
	if c.chars > maxText {
		c.fail("message", "takes %d characters, limit %d", c.chars, maxText)
	}
}

// part checks what stands in a container.
func (c *checker) part(where string, o map[string]any) {
	switch kind(o) {
	case 1:
		c.row(where, o)
	case 10:
		c.display(where, o)
	case 12:
		c.gallery(where, o)
	default:
		c.fail(where, "type %d has no place here", kind(o))
	}
}

func (c *checker) row(where string, o map[string]any) {
	inside, _ := o["components"].([]any)
	c.count(where, len(inside), 1, maxInRow)
	c.each(where+" component", inside, func(where string, o map[string]any) {
		switch kind(o) {
		case 2:
			c.button(where, o)
		case 3:
			if len(inside) > 1 {
				c.fail(where, "a select has a row of its own")
			}
			c.menu(where, o)
		default:
			c.fail(where, "type %d has no place in a row", kind(o))
		}
	})
}

func (c *checker) button(where string, o map[string]any) {
	c.id(where, o)
	c.words(where+" label", o["label"], maxButton)
	if !slices.Contains([]any{1.0, 2.0, 4.0}, o["style"]) {
		c.fail(where, "style is %v", o["style"])
	}
	if o["url"] != nil || o["sku_id"] != nil {
		c.fail(where, "leads away")
	}
}

// menu checks a select of options.
func (c *checker) menu(where string, o map[string]any) {
	c.id(where, o)
	c.length(where+" placeholder", str(o, "placeholder"), 0, maxPlaceholder)
	options, _ := o["options"].([]any)
	c.count(where+" options", len(options), 1, maxOptions)
	values, chosen := make(map[string]bool), 0
	for i, v := range options {
		where := fmt.Sprintf("%s option %d", where, i+1)
		option, _ := v.(map[string]any)
		c.words(where+" label", option["label"], maxOption)
		value := str(option, "value")
		c.length(where+" value", value, 1, maxID)
		c.length(where+" description", str(option, "description"), 0, maxDescription)
		if values[value] {
			c.fail(where, "its value is taken")
		}
		values[value] = true
		if option["default"] == true {
			chosen++
		}
	}
	c.picks(where, o, chosen, len(options))
}

// picks checks how many of all may be picked in o, of which chosen are.
func (c *checker) picks(where string, o map[string]any, chosen, all int) {
	least, limit := c.number(where, o, "min_values", 0, maxOptions, 1), c.number(where, o, "max_values", 1, maxOptions, 1)
	if least > limit || limit > all {
		c.fail(where, "%d to %d of %d are to be picked", least, limit, all)
	}
	if chosen > limit {
		c.fail(where, "%d are picked, limit %d", chosen, limit)
	}
	if least == 0 && o["required"] != false {
		c.fail(where, "is required, and none may be picked")
	}
}

func (c *checker) gallery(where string, o map[string]any) {
	items, _ := o["items"].([]any)
	c.count(where+" items", len(items), 1, maxItems)
	for _, v := range items {
		item, _ := v.(map[string]any)
		media, _ := item["media"].(map[string]any)
		c.words(where+" description", item["description"], maxAlt)
		name, ok := strings.CutPrefix(str(media, "url"), "attachment://")
		if !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" {
			c.fail(where, "shows no file that is sent along")
		}
	}
}

// words checks what is shown as it stands.
func (c *checker) words(where string, v any, limit int) {
	s, _ := v.(string)
	c.length(where, s, 1, limit)
	if s != "" && surface.Blank(s) {
		c.fail(where, "is blank")
	}
	if s != surface.Visible(s) {
		c.fail(where, "has control characters")
	}
}

// each calls do with the components among parts and where they are.
func (c *checker) each(what string, parts []any, do func(where string, o map[string]any)) {
	for i, p := range parts {
		c.parts++
		where := fmt.Sprintf("%s %d", what, i+1)
		if o, ok := p.(map[string]any); ok {
			do(where, o)
		} else {
			c.fail(where, "is no object")
		}
	}
}

// count checks a number of things.
func (c *checker) count(where string, n, least, limit int) {
	if n < least || n > limit {
		c.fail(where, "are %d, want %d to %d", n, least, limit)
	}
}

// length checks the characters of s.
func (c *checker) length(where, s string, least, limit int) {
	if n := length(s); n < least || n > limit {
		c.fail(where, "takes %d characters, want %d to %d", n, least, limit)
	}
}

// id checks the id of o, which nothing else may have.
func (c *checker) id(where string, o map[string]any) {
	id := str(o, "custom_id")
	c.length(where+" custom_id", id, 1, maxID)
	if id != "" && c.ids[id] {
		c.fail(where, "its custom_id is taken")
	}
	c.ids[id] = true
}

// number returns the whole number of o under key, usual where there is none.
func (c *checker) number(where string, o map[string]any, key string, least, limit, usual int) int {
	v, given := o[key]
	if !given {
		return usual
	}
	f, ok := v.(float64)
	if n := int(f); ok && float64(n) == f && n >= least && n <= limit {
		return n
	}
	c.fail(where, "%s is %v, want %d to %d", key, v, least, limit)
	return usual
}

// kind is the type of component that o is, 0 if it is none.
func kind(o map[string]any) int {
	f, _ := o["type"].(float64)
	return int(f)
}

// str returns the string of o under key, "" if there is none.
func str(o map[string]any, key string) string {
	s, _ := o[key].(string)
	return s
}
