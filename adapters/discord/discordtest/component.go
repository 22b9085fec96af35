package discordtest

// Types of components.
const (
	typeRow         = 1
	typeButton      = 2
	typeSelect      = 3
	typeInput       = 4
	typeUsers       = 5
	typeRoles       = 6
	typeMentionable = 7
	typeChannels    = 8
	typeSection     = 9
	typeText        = 10
	typeThumbnail   = 11
	typeGallery     = 12
	typeFile        = 13
	typeSeparator   = 14
	typeContainer   = 17
	typeLabel       = 18
	typeUpload      = 19
	typeRadio       = 21
	typeBoxes       = 22
	typeBox         = 23
)

// message checks the components of a message.
func (c *checker) message(list []map[string]any) {
	c.distinct("components", list)
	if c.v2 {
		each(list, func(map[string]any) { c.parts++ })
		if c.parts > 40 {
			c.fail("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "A message has at most 40 components, got %d", c.parts)
		}
	} else {
		c.atMost("components", len(list), 5, "in length")
	}
	for i, o := range list {
		at := sprint("components.%d", i)
		switch kind := num(o, "type"); {
		case kind == typeRow:
			c.row(at, o)
		case !c.v2:
			c.fail(at+".type", "UNION_TYPE_CHOICES", "Value of field \"type\" must be one of (1,), got %d.", kind)
		default:
			c.block(at, o)
		}
	}
	if c.weight > 4000 {
		c.fail("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Texts have at most 4000 characters in all, got %d", c.weight)
	}
}

// block checks a component of Components V2 at the top, or in a container.
func (c *checker) block(at string, o map[string]any) {
	switch kind := num(o, "type"); kind {
	case typeRow:
		c.row(at, o)
	case typeText:
		c.text(at, o)
	case typeSection:
		c.section(at, o)
	case typeGallery:
		c.gallery(at, o)
	case typeFile:
		c.media(at+".file", o["file"])
	case typeSeparator:
		c.between(at+".spacing", o["spacing"], 1, 2)
	case typeContainer:
		c.container(at, o)
	default:
		c.fail(at+".type", "UNION_TYPE_CHOICES", "A component of type %d cannot stand here.", kind)
	}
}

func (c *checker) text(at string, o map[string]any) {
	c.length(at+".content", o["content"], 1, 4000)
	c.weight += runes(str(o, "content"))
}

func (c *checker) container(at string, o map[string]any) {
	c.between(at+".accent_color", o["accent_color"], 0, 0xffffff)
	list := objs(o, "components")
	if len(list) < 1 {
		c.fail(at+".components", "BASE_TYPE_BAD_LENGTH", "A container has at least one component.")
	}
	for i, one := range list {
		in := sprint("%s.components.%d", at, i)
		if num(one, "type") == typeContainer {
			c.fail(in+".type", "UNION_TYPE_CHOICES", "A container cannot stand in a container.")
			continue
		}
		c.block(in, one)
	}
}

func (c *checker) section(at string, o map[string]any) {
	list := objs(o, "components")
	if len(list) < 1 || len(list) > 3 {
		c.fail(at+".components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 3 in length, got %d.", len(list))
	}
	for i, one := range list {
		in := sprint("%s.components.%d", at, i)
		if num(one, "type") != typeText {
			c.fail(in+".type", "UNION_TYPE_CHOICES", "A section holds texts alone.")
			continue
		}
		c.text(in, one)
	}
	switch accessory := obj(o, "accessory"); num(accessory, "type") {
	case typeButton:
		c.button(at+".accessory", accessory)
	case typeThumbnail:
		c.media(at+".accessory.media", accessory["media"])
		c.upTo(at+".accessory.description", accessory["description"], 1024)
	default:
		c.fail(at+".accessory", "BASE_TYPE_REQUIRED", "A section has a button or a thumbnail.")
	}
}

func (c *checker) gallery(at string, o map[string]any) {
	items := objs(o, "items")
	if len(items) < 1 || len(items) > 10 {
		c.fail(at+".items", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 10 in length, got %d.", len(items))
	}
	for i, item := range items {
		in := sprint("%s.items.%d", at, i)
		c.media(in+".media", item["media"])
		c.upTo(in+".description", item["description"], 1024)
	}
}

func (c *checker) media(at string, v any) {
	m, _ := v.(map[string]any)
	c.length(at+".url", m["url"], 1, 2048)
}

// row checks a row of up to five buttons, or of one menu.
func (c *checker) row(at string, o map[string]any) {
	list := objs(o, "components")
	if len(list) < 1 || len(list) > 5 {
		c.fail(at+".components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length, got %d.", len(list))
	}
	for i, one := range list {
		in := sprint("%s.components.%d", at, i)
		switch kind := num(one, "type"); kind {
		case typeButton:
			c.button(in, one)
		case typeSelect, typeUsers, typeRoles, typeMentionable, typeChannels:
			if len(list) > 1 {
				c.fail(in, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A menu has a row of its own.")
			}
			c.menu(in, one)
		default:
			c.fail(in+".type", "UNION_TYPE_CHOICES", "A component of type %d cannot stand in a row of a message.", kind)
		}
	}
}

// Styles of buttons.
const (
	styleDanger  = 4
	styleLink    = 5
	stylePremium = 6
)

func (c *checker) button(at string, o map[string]any) {
	c.between(at+".style", o["style"], 1, 6)
	c.upTo(at+".label", o["label"], 80)
	style := num(o, "style")
	if str(o, "label") == "" && obj(o, "emoji") == nil && style != stylePremium {
		c.fail(at, "BUTTON_COMPONENT_INVALID_LABEL", "A button has a label or an emoji.")
	}
	if style == styleLink {
		c.length(at+".url", o["url"], 1, 512)
		if o["custom_id"] != nil {
			c.fail(at, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A custom id and url cannot both be specified")
		}
		return
	}
	if o["url"] != nil {
		c.fail(at+".url", "BUTTON_COMPONENT_INVALID_URL", "Only a button of style 5 has a url.")
	}
	c.customID(at, o)
}

// customID checks a custom_id, which is unique in its message or form.
func (c *checker) customID(at string, o map[string]any) {
	c.length(at+".custom_id", o["custom_id"], 1, 100)
	id := str(o, "custom_id")
	if id != "" && c.ids[id] {
		c.fail(at+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
	}
	c.ids[id] = true
}

// menu checks a select menu of any type.
func (c *checker) menu(at string, o map[string]any) {
	c.customID(at, o)
	c.upTo(at+".placeholder", o["placeholder"], 150)
	c.between(at+".min_values", o["min_values"], 0, 25)
	c.between(at+".max_values", o["max_values"], 1, 25)
	least, most := 1, 1
	if o["min_values"] != nil {
		least = num(o, "min_values")
	}
	if o["max_values"] != nil {
		most = num(o, "max_values")
	}
	if least > most {
		c.fail(at, "COMPONENT_MIN_MAX_VALUES", "min_values is larger than max_values.")
	}
	if !c.modal && o["required"] != nil {
		c.advise(at+".required", "means something in forms alone")
	}
	if num(o, "type") != typeSelect {
		c.atMost(at+".default_values", len(arr(o, "default_values")), most, "in length")
		return
	}
	n := c.options(at, o, 25)
	if n > 0 && most > n {
		c.fail(at+".max_values", "COMPONENT_MAX_VALUES", "max_values is larger than the number of options.")
	}
	chosen := 0
	for _, one := range objs(o, "options") {
		if on, _ := one["default"].(bool); on {
			chosen++
		}
	}
	if chosen > most {
		c.fail(at+".options", "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "%d options are chosen beforehand, at most %d can be.", chosen, most)
	}
}

// distinct checks the ids that the app gave to components itself.
func (c *checker) distinct(at string, list []map[string]any) {
	seen := map[int]bool{}
	each(list, func(o map[string]any) {
		id := num(o, "id")
		if id != 0 && seen[id] {
			c.fail(at, "COMPONENT_ID_DUPLICATED", "The component id %d is there twice", id)
		}
		seen[id] = true
	})
}

// options checks the options of a menu, of radio buttons or of boxes, and counts
// them.
func (c *checker) options(at string, o map[string]any, most int) int {
	list := objs(o, "options")
	if len(list) < 1 || len(list) > most {
		c.fail(at+".options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length, got %d.", most, len(list))
	}
	seen := map[string]bool{}
	for i, one := range list {
		in := sprint("%s.options.%d", at, i)
		c.length(in+".label", one["label"], 1, 100)
		c.length(in+".value", one["value"], 1, 100)
		c.upTo(in+".description", one["description"], 100)
		if v := str(one, "value"); seen[v] {
			c.fail(in+".value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
		}
		seen[str(one, "value")] = true
	}
	return len(list)
}
