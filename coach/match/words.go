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

// pairs are the ways to write a talk of two, and other phrases that mean more than
// their words do, each as one word.
var pairs = strings.NewReplacer("1:1", "oneonone", "1-1", "oneonone", "1-on-1", "oneonone", "1 on 1", "oneonone", "1 to 1", "oneonone",
	"one-on-one", "oneonone", "one on one", "oneonone", "one-to-one", "oneonone", "one to one", "oneonone", "no one", "nobody", "no-one", "nobody",
	"say no", "refuse", "says no", "refuses", "said no", "refused", "saying no", "refusing")

// whole is the long form of what people type short, and the word itself
// otherwise.
func whole(w string) string {
	if long, ok := short[w]; ok {
		return long
	}
	return w
}

// short are everyday short forms, and the ways to say no. "" says that the word
// tells nothing.
var short = map[string]string{
	"u": "", "ur": "", "pls": "", "plz": "", "thx": "thanks", "ty": "thanks", "thnx": "thanks", "soz": "sorry", "ppl": "people", "ppls": "people",
	"mgr": "manager", "mtg": "meeting", "mtgs": "meeting", "bday": "birthday", "tz": "timezone",
	"convo": "conversation", "convos": "conversation", "1on1": "oneonone", "1on1s": "oneonone", "oneonones": "oneonone", "1to1": "oneonone", "121": "oneonone",
	"msg": "message", "msgs": "messages", "dm": "message", "dms": "messages", "cam": "camera", "cams": "camera", "mic": "microphone", "vid": "video",
	"intro": "introduce", "q": "question", "qs": "questions", "bf": "boyfriend", "gf": "girlfriend", "uni": "university", "pic": "picture", "pics": "picture",
	"cowoker": "coworker", "collegue": "colleague", "collegues": "colleagues", "mum": "mother", "mom": "mother", "dad": "father",
	"never": "not", "no": "not", "dont": "not", "doesnt": "not", "didnt": "not", "cant": "not", "cannot": "not", "couldnt": "not", "wont": "not", "isnt": "not",
	"arent": "not", "wasnt": "not", "havent": "not", "hasnt": "not", "wouldnt": "not", "noone": "nobody", "none": "nobody",
}

// stem is what the forms of a word have in common (Porter's English stemmer,
// second edition, https://snowballstem.org/algorithms/english/stemmer.html).
func stem(w string) string { return english.Stem(w, false) }

// quiet are words that tell nothing of what a text is about. Words of no and
// never are not among them: "never answers" is what it is about.
var quiet = set(`
a an the this that these those there here it its i im ive id ill me my mine myself we us our ours you your yours youre youve they them their theirs
he him his she her hers who whom whose which what when where why how is am are was were be been being do does did doing done have has had having
will would shall should can could may might must and or but if then than so as of at by for with about against between into through during before
after to from up down in out on off over under again further once all any both each few more most other some such only own same too very s t just
now also get got gets getting go going goes gonna want wants wanted need needs needed like really please help helps tell way thing things something
anything someone somebody anyone anybody make makes made let lets know think say said one lot kind sort maybe even still much many hi hello
hey ok okay oh well thats whats theres hes shes theyre were id rapport because cause cuz bc coz since though tho although until while rly wanna gotta
everyone everybody every else ever thats youll theyll ill itll whos hows wheres today tomorrow tmrw tonight yesterday week weeks month months year
years minute minutes min mins hour hours monday tuesday wednesday thursday friday saturday sunday next last soon later already yet actually basically
totally literally quite pretty super bit ugh omg lol haha hmm yeah smth sth thru w tips tip advice rapport
`)

// faint are everyday words that tell little: they stand in sentences about
// anything, and a curriculum that happens to have one in a single place would
// take it for telling.
var faint = stems(`
able add afraid ago allow always almost alone answer around ask away back bad become begin believe best better big book both break bring build buy call care
case change check choose close come company consider cool create cut day days deal decide different difficult drop early easy end enough everything
explain fact far fast feel few find fine finish first follow free friend full fun game give good great group guess guy guys hand happen happy hard hate
hear hold home hope house idea important instead job join keep kid kids large late lead learn leave left less life line list little live long look lose
love low main man matter mean member mind moment money morning move name near never new news nice night number office old open order part pay people
person pick place plan play point possible problem put question quick quickly read ready real reason remember right room run same school second see seem
send set several share short show side sit small sound speak stand start stay step stop story stuff suddenly sure take talk team thank think time top
touch try turn two type understand use wait walk watch whole woman win word work world worry write wrong young colleague coworker teammate
workmate nothing not nobody
`)

func set(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

func stems(list string) map[string]bool {
	stems := map[string]bool{}
	for w := range set(list) {
		stems[stem(w)] = true
	}
	return stems
}
