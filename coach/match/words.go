package match

import (
	"strings"
	"unicode"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// words are the words of text that tell something, in lower case and without
// accents and apostrophes.
func words(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(pairs.Replace(plain(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if w = whole(w); w != "" && !quiet[w] {
			out = append(out, w)
		}
	}
	return out
}

// plain returns text in lower case, letters without their accents, and without
// apostrophes: people leave them out.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '\u2019', r == '`', r == '\u00b4':
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}

// pairs are the ways to write a talk of two, which are one word here.
var pairs = strings.NewReplacer("1:1", "oneonone", "1-1", "oneonone", "1-on-1", "oneonone", "1 on 1", "oneonone", "1 to 1", "oneonone",
	"one-on-one", "oneonone", "one on one", "oneonone", "one-to-one", "oneonone", "one to one", "oneonone")

// whole is the long form of what people type short, and the word itself
// otherwise.
func whole(w string) string {
	if long, ok := short[w]; ok {
		return long
	}
	return w
}

// short are everyday short forms. "" says that the word tells nothing.
var short = map[string]string{
	"u": "", "ur": "", "pls": "", "plz": "", "thx": "thanks", "ty": "thanks", "ppl": "people", "mgr": "manager", "mtg": "meeting",
	"convo": "conversation", "convos": "conversation", "1on1": "oneonone", "1to1": "oneonone", "121": "oneonone", "msg": "message", "msgs": "messages",
	"dm": "message", "dms": "messages", "cam": "camera", "vid": "video", "intro": "introduce", "q": "question", "qs": "questions", "bf": "boyfriend",
	"cowoker": "coworker", "collegue": "colleague", "collegues": "colleagues",
}

// stem is what the forms of a word have in common (Porter's English stemmer,
// second edition, https://snowballstem.org/algorithms/english/stemmer.html).
func stem(w string) string { return english.Stem(w, false) }

// quiet are words that tell nothing of what a text is about. Words of no and
// never are not among them: "never answers" is what it is about.
var quiet = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(`
a an the this that these those there here it its i im ive id ill me my mine myself we us our ours you your yours youre youve they them their theirs
he him his she her hers who whom whose which what when where why how is am are was were be been being do does did doing done have has had having
will would shall should can could may might must and or but if then than so as of at by for with about against between into through during before
after to from up down in out on off over under again further once all any both each few more most other some such only own same too very s t just
now also get got gets getting go going goes gonna want wants wanted need needs needed like really please help helps tell way thing things something
anything someone somebody anyone anybody make makes made let lets know think say said one lot kind sort maybe even still always much many hi hello
hey ok okay oh well thats whats theres hes shes theyre were isnt wont im ive rapport im id
	`) {
		set[w] = true
	}
	return set
}()
