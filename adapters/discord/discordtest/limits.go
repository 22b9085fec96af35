package discordtest

import (
	"unicode/utf8"
)

// A checker collects what is wrong with a request, by the limits that Discord's
// documentation tells.
type checker struct {
	wrong  []problem // Discord refuses it
	unwise []problem // Discord takes it; a rule of good use is broken
	ids    map[string]bool
	parts  int // components, those within others, too
	weight int // characters of texts in Components V2
	v2     bool
	modal  bool
}

func (c *checker) fail(at, code, format string, args ...any) {
	c.wrong = append(c.wrong, problem{at, code, sprint(format, args...)})
}

func (c *checker) advise(at, format string, args ...any) {
	c.unwise = append(c.unwise, problem{at, "UNWISE", sprint(format, args...)})
}

// length checks a text that must be there.
func (c *checker) length(at string, v any, least, most int) {
	t, ok := v.(string)
	n := utf8.RuneCountInString(t)
	switch {
	case v == nil:
		c.fail(at, "BASE_TYPE_REQUIRED", "This field is required")
	case !ok:
		c.fail(at, "STRING_TYPE_CONVERT", "Could not interpret %v as string.", v)
	case n < least || n > most:
		c.fail(at, "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length, got %d.", least, most, n)
	}
}

// upTo checks a text that may be absent or empty.
func (c *checker) upTo(at string, v any, most int) {
	if v == nil {
		return
	}
	t, ok := v.(string)
	if !ok {
		c.fail(at, "STRING_TYPE_CONVERT", "Could not interpret %v as string.", v)
		return
	}
	c.atMost(at, utf8.RuneCountInString(t), most, "in length")
}

func (c *checker) atMost(at string, n, most int, of string) {
	if n > most {
		c.fail(at, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer %s, got %d.", most, of, n)
	}
}

// between checks a whole number that may be absent.
func (c *checker) between(at string, v any, least, most int) {
	if v == nil {
		return
	}
	n, ok := v.(float64)
	if !ok || n != float64(int(n)) || int(n) < least || int(n) > most {
		c.fail(at, "NUMBER_TYPE_RANGE", "int value should be between %d and %d, got %v.", least, most, v)
	}
}

// check holds a message against Discord's limits.
func check(s sayable) *checker {
	c := &checker{ids: map[string]bool{}}
	c.v2 = num(s.args, "flags")&ComponentsV2 != 0 || s.old != nil && s.old.Flags&ComponentsV2 != 0
	c.upTo("content", s.args["content"], 2000)
	c.upTo("nonce", textOf(s.args["nonce"]), 25)
	if extra := num(s.args, "flags") &^ sendable; extra != 0 {
		c.advise("flags", "%d cannot be set", extra)
	}
	c.embeds(objs(s.args, "embeds"))
	c.mentions(obj(s.args, "allowed_mentions"))
	c.attachments(s)
	list := objs(s.args, "components")
	if len(list) != len(arr(s.args, "components")) {
		c.fail("components", "MODEL_TYPE_CONVERT", "Only objects are components.")
	}
	c.message(list)
	if c.v2 && str(s.args, "content") != "" {
		c.fail("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2")
	}
	if c.v2 && len(objs(s.args, "embeds")) > 0 {
		c.fail("embeds", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The 'embeds' field cannot be used when using MessageFlags.IS_COMPONENTS_V2")
	}
	return c
}

// sendable are the flags that an app may set: no embeds, ephemeral, silent, voice,
// Components V2.
const sendable = 1<<2 | Ephemeral | 1<<12 | 1<<13 | ComponentsV2

// textOf is a text, or a number as one.
func textOf(v any) any {
	if n, ok := v.(float64); ok {
		return sprint("%.0f", n)
	}
	return v
}

// mentions checks allowed_mentions.
func (c *checker) mentions(m map[string]any) {
	for _, v := range arr(m, "parse") {
		if v != "users" && v != "roles" && v != "everyone" {
			c.fail("allowed_mentions.parse", "BASE_TYPE_CHOICES", "Value must be one of {'users', 'roles', 'everyone'}, got %v.", v)
			continue
		}
		if v != "everyone" && len(arr(m, v.(string))) > 0 {
			c.fail("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", "parse:[%q] and %s: [ids...] are mutually exclusive.", v, v)
		}
	}
	for _, key := range []string{"users", "roles"} {
		c.atMost("allowed_mentions."+key, len(arr(m, key)), 100, "in length")
	}
}

// attachments checks what is said of files.
func (c *checker) attachments(s sayable) {
	list := objs(s.args, "attachments")
	c.atMost("attachments", max(len(list), len(s.files)), 10, "in length")
	for i, o := range list {
		at := sprint("attachments.%d", i)
		c.upTo(at+".filename", o["filename"], 1024)
		c.upTo(at+".description", o["description"], 1024)
		if !s.knows(idOf(o)) {
			c.fail(at+".id", "ATTACHMENT_NOT_FOUND", "No file of the id %q was sent.", idOf(o))
		}
	}
}

// knows tells whether a file of that id is sent, or was.
func (s sayable) knows(id string) bool {
	for _, f := range s.files {
		if f.field == id {
			return true
		}
	}
	if s.old != nil {
		for _, f := range s.old.Attachments {
			if f.ID == id {
				return true
			}
		}
	}
	return false
}

// embeds checks embeds: each, and all together.
func (c *checker) embeds(list []map[string]any) {
	c.atMost("embeds", len(list), 10, "in length")
	total := 0
	add := func(at string, v any, most int) {
		c.upTo(at, v, most)
		t, _ := v.(string)
		total += utf8.RuneCountInString(t)
	}
	for i, e := range list {
		at := sprint("embeds.%d.", i)
		add(at+"title", e["title"], 256)
		add(at+"description", e["description"], 4096)
		add(at+"footer.text", obj(e, "footer")["text"], 2048)
		add(at+"author.name", obj(e, "author")["name"], 256)
		fields := objs(e, "fields")
		c.atMost(at+"fields", len(fields), 25, "in length")
		for j, f := range fields {
			in := sprint("%sfields.%d.", at, j)
			c.length(in+"name", f["name"], 1, 256)
			c.length(in+"value", f["value"], 1, 1024)
			total += utf8.RuneCountInString(str(f, "name")) + utf8.RuneCountInString(str(f, "value"))
		}
	}
	if total > 6000 {
		c.fail("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000, got %d", total)
	}
}
