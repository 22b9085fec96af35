package coach

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// A printer turns English sentences into what a person reads. The sentence is
// the key: another language is a catalogue of the same keys. Sentences may use
// *bold*, _italic_ and `code`; arguments never do, they are put in afterwards.
type printer struct {
	p     *message.Printer
	lines *fixed[string]
	texts *fixed[Text]
}

// fixed is what sentences without arguments come to, worked out once. Some
// begin as words of a person, so that there must be an end to them.
type fixed[T any] struct {
	known sync.Map
	count atomic.Int64
}

const maxFixed = 2000

func (f *fixed[T]) of(key string, work func() T) T {
	if v, ok := f.known.Load(key); ok {
		return v.(T)
	}
	v := work()
	if f.count.Load() < maxFixed {
		f.count.Add(1)
		f.known.Store(key, v)
	}
	return v
}

// plurals are the sentences that count something.
var plurals = map[string][2]string{ // key: for exactly one, for any other number
	"%d weeks":        {"%d week", "%d weeks"},
	"%d times":        {"once", "%d times"},
	"%d minutes":      {"%d minute", "%d minutes"},
	"%d check-ins":    {"%d check-in", "%d check-ins"},
	"%d notes":        {"%d note", "%d notes"},
	"%d open plans":   {"%d open plan", "%d open plans"},
	"%d messages":     {"%d message", "%d messages"},
	"%d rest weeks":   {"%d rest week", "%d rest weeks"},
	"%d in a row":     {"%d in a row", "%d in a row"},
	"%d in doubt":     {"%d in doubt", "%d in doubt"},
	"%d missed slots": {"%d missed slot", "%d missed slots"},
}

// newPrinter returns the printer of a language, English where it is not known.
func newPrinter(lang string) (printer, error) {
	b := catalog.NewBuilder(catalog.Fallback(language.English))
	for key, forms := range plurals {
		if err := b.Set(language.English, key, plural.Selectf(1, "%d", plural.One, forms[0], plural.Other, forms[1])); err != nil {
			return printer{}, fmt.Errorf("plural %q: %w", key, err)
		}
	}
	return printer{message.NewPrinter(language.Make(lang), message.Catalog(b)), new(fixed[string]), new(fixed[Text])}, nil
}

// line returns a sentence without styles, such as a title or a label.
func (p printer) line(key string, args ...any) string {
	if len(args) > 0 {
		return p.p.Sprintf(key, args...)
	}
	return p.lines.of(key, func() string { return p.p.Sprintf(key) })
}

// Languages are those that our sentences are there in, as BCP 47 tags. English,
// the language of the keys, is the first.
func Languages() []string { return []string{language.English.String()} }

// Translate returns one of our sentences, such as a [Command]'s Summary, in one
// of [Languages].
func Translate(lang, sentence string) (string, error) {
	p, err := newPrinter(lang)
	if err != nil {
		return "", err
	}
	return p.line(sentence), nil
}

// Arguments stand in the sentence as one private-use character each while its
// markup is read, so that nothing in them can be taken for markup.
const firstSlot = '\uE000'

// text returns a sentence with its styles. Its verbs are all %s; an argument
// may be a Text, a string or a number.
func (p printer) text(key string, args ...any) Text {
	if len(args) > 0 {
		return p.filled(key, args)
	}
	return p.texts.of(key, func() Text { return slices.Clip(p.filled(key, nil)) })
}

func (p printer) filled(key string, args []any) Text {
	slots := make([]any, len(args))
	for i := range args {
		slots[i] = string(firstSlot + rune(i))
	}
	return styled(p.p.Sprintf(key, slots...), func(slot rune) Text {
		switch a := args[slot-firstSlot].(type) {
		case Text:
			return a
		case string:
			return P(a)
		default:
			return P(p.p.Sprint(a))
		}
	}, len(args))
}

// styled reads the marks of a sentence: *bold*, _italic_, `code`.
func styled(s string, fill func(slot rune) Text, slots int) Text {
	var (
		t     Text
		style = Plain
		run   strings.Builder
	)
	flush := func() {
		if run.Len() > 0 {
			t = append(t, Span{Style: style, Words: run.String()})
			run.Reset()
		}
	}
	marks := map[rune]Style{'*': Bold, '_': Italic, '`': Code}
	for _, r := range s {
		mark, isMark := marks[r]
		switch {
		case isMark && style == mark:
			flush()
			style = Plain
		case isMark && style == Plain:
			flush()
			style = mark
		case r >= firstSlot && r < firstSlot+rune(slots):
			flush()
			for _, span := range fill(r) {
				if span.Style == Plain {
					span.Style = style
				}
				t = append(t, span)
			}
		default:
			run.WriteRune(r)
		}
	}
	flush()
	return t
}
