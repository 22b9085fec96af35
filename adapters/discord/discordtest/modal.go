package discordtest

import "unicode/utf8"

// checkModal holds a form against Discord's limits.
func checkModal(data map[string]any) *checker {
	c := &checker{ids: map[string]bool{}, modal: true}
	c.length("data.title", data["title"], 1, 45)
	c.length("data.custom_id", data["custom_id"], 1, 100)
	list := objs(data, "components")
	if len(list) < 1 || len(list) > 5 {
		c.fail("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length, got %d.", len(list))
	}
	c.distinct("data.components", list)
	for i, o := range list {
		at := sprint("data.components.%d", i)
		switch kind := num(o, "type"); kind {
		case typeLabel:
			c.length(at+".label", o["label"], 1, 45)
			c.upTo(at+".description", o["description"], 100)
			c.input(at+".component", obj(o, "component"))
		case typeText:
			c.length(at+".content", o["content"], 1, 4000)
		case typeRow:
			c.advise(at, "a text input in an action row is deprecated: use a label (type 18)")
			for j, one := range objs(o, "components") {
				in := sprint("%s.components.%d", at, j)
				c.length(in+".label", one["label"], 1, 45)
				if num(one, "type") != typeInput {
					c.fail(in+".type", "UNION_TYPE_CHOICES", "A row of a form holds a text input alone.")
					continue
				}
				c.typed(in, one)
			}
		default:
			c.fail(at+".type", "UNION_TYPE_CHOICES", "A component of type %d cannot stand in a form.", kind)
		}
	}
	return c
}

// input checks what stands in a label.
func (c *checker) input(at string, o map[string]any) {
	if least, ok := o["min_values"].(float64); ok && least == 0 && o["required"] != false {
		c.fail(at+".min_values", "NUMBER_TYPE_MIN", "What is required has a min_values of at least 1.")
	}
	switch kind := num(o, "type"); kind {
	case typeInput:
		if o["label"] != nil {
			c.advise(at+".label", "a text input in a label has no label of its own")
		}
		c.typed(at, o)
	case typeSelect, typeUsers, typeRoles, typeMentionable, typeChannels:
		if o["disabled"] == true {
			c.fail(at+".disabled", "COMPONENT_DISABLED_IN_MODAL", "A menu in a form cannot be disabled.")
		}
		c.menu(at, o)
	case typeUpload:
		c.customID(at, o)
		c.between(at+".min_values", o["min_values"], 0, 10)
		c.between(at+".max_values", o["max_values"], 1, 10)
	case typeRadio:
		c.customID(at, o)
		if n := c.options(at, o, 10); n == 1 {
			c.fail(at+".options", "BASE_TYPE_BAD_LENGTH", "Must be between 2 and 10 in length, got 1.")
		}
	case typeBoxes:
		c.customID(at, o)
		n := c.options(at, o, 10)
		c.between(at+".min_values", o["min_values"], 0, 10)
		c.between(at+".max_values", o["max_values"], 1, max(n, 1))
	case typeBox:
		c.customID(at, o)
	default:
		c.fail(at+".type", "UNION_TYPE_CHOICES", "A component of type %d cannot stand in a label.", kind)
	}
}

// maxTyped is the longest text that a text input takes.
const maxTyped = 4000

// typed checks a text input.
func (c *checker) typed(at string, o map[string]any) {
	c.customID(at, o)
	c.between(at+".style", o["style"], 1, 2)
	if o["style"] == nil {
		c.fail(at+".style", "BASE_TYPE_REQUIRED", "This field is required")
	}
	c.between(at+".min_length", o["min_length"], 0, maxTyped)
	c.between(at+".max_length", o["max_length"], 1, maxTyped)
	c.upTo(at+".placeholder", o["placeholder"], 100)
	least, most := num(o, "min_length"), maxTyped
	if o["max_length"] != nil {
		most = num(o, "max_length")
	}
	if least > most {
		c.fail(at+".min_length", "TEXT_INPUT_MIN_MAX", "min_length is larger than max_length.")
	}
	if n := runes(str(o, "value")); n > most || n > 0 && n < least {
		c.fail(at+".value", "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length, got %d.", least, most, n)
	}
}

func runes(s string) int { return utf8.RuneCountInString(s) }
