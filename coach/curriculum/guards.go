package curriculum

import (
	"slices"
	"strings"
	"unicode"

	"github.com/kljensen/snowball/english"
)

// A trigger is what a guard listens for, as heard.
type trigger struct {
	guard int
	words string // of the file
	heard string
	acts  string // heard, at whatever time they do it
	from  string // and to: the parts around a gap, if there is one
	to    string
}

// apart reports whether the two parts of a trigger with a gap ("throws ... at me")
// are in what was heard, with few words between them.
func (t trigger) apart(text string) bool {
	const between = 3
	if t.from == "" {
		return false
	}
	_, after, _ := strings.Cut(text, t.from)
	gap, _, ok := strings.Cut(" "+after, t.to)
	return ok && len(strings.Fields(gap)) <= between
}

func (e *Edition) makeTriggers() (all []trigger) {
	for i, g := range e.Guards {
		for _, w := range g.Words {
			all = append(all, triggerOf(i, w, w))
			if at := strings.LastIndexByte(w, ' '); at > 0 && articles[w[at+1:]] { // "spy on my": of a person, mostly
				all = append(all, triggerOf(i, w, w[:at]+" someone"))
			}
		}
	}
	return slices.DeleteFunc(all, func(t trigger) bool { return t.heard == "" })
}

func triggerOf(guard int, words, text string) trigger {
	h := heard(text)
	t := trigger{guard: guard, words: words, heard: h, acts: timeless(h)}
	if from, to, ok := strings.Cut(text, "..."); ok {
		t.from, t.to = heard(from), heard(to)
	}
	return t
}

// Guarded returns the first guard that must answer a text, and which of its words
// were heard in it. They are heard as whole words, whoever the text is about: "he
// hits me" is heard in "my uncle hits me" as well.
func (e *Edition) Guarded(text string) (g Guard, words string, ok bool) {
	texts := []string{heard(text)}
	if anybody := strings.ReplaceAll(texts[0], " kin ", " they "); anybody != texts[0] {
		texts = append(texts, anybody)
	}
	acts := make([]string, len(texts))
	for i, s := range texts {
		acts[i] = timeless(calm(s))
	}
	for _, t := range e.triggers() {
		for i, s := range texts {
			if strings.Contains(s, t.heard) || strings.Contains(acts[i], t.acts) || t.apart(s) {
				return e.Guards[t.guard], t.words, true
			}
		}
	}
	return Guard{}, "", false
}

// MentionsPeople tells whether a text speaks of anybody: of others, or of the one
// who wrote it ("I froze"). To ask "how do I ..." is not to speak of oneself.
func MentionsPeople(text string) bool {
	last := ""
	for w := range strings.FieldsSeq(heard(text)) {
		if somebody[w] || w == "them" || crowds[w] || w == "i" && !asking[last] {
			return true
		}
		last = w
	}
	return false
}

// SoundsGrave tells whether a text has a word that people often use of harm. It
// hears more than the guards do and less surely: "poison" is grave, and so is
// "blood" in "blood donation". What sounds grave deserves a line of care, no more.
func SoundsGrave(text string) bool {
	for w := range strings.FieldsSeq(heard(text)) {
		if grave[english.Stem(w, false)] {
			return true
		}
	}
	return false
}

// heard returns the words of a text with one space around each, so that a phrase
// is found as whole words: in lower case, without apostrophes, with the short
// forms of no, and with one word for whoever does something ("they", or "kin" where
// it is said who: "my uncle") and one for whomever it is done to ("them").
func heard(text string) string {
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\'', '\u2019', '`', '\u00b4':
			return -1
		}
		return unicode.ToLower(r)
	}, text)
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	text = " " + strings.Join(words, " ") + " "
	text = shortForms.Replace(text)
	var out []string
	for _, w := range strings.Fields(text) {
		switch {
		case theirs[w]:
			out = append(out, "them")
		case pronouns[w] || pronouns[strings.TrimSuffix(w, "s")]:
			out = append(withoutLead(out), "they")
		case persons[w] || persons[strings.TrimSuffix(w, "s")]:
			out = append(withoutLead(out), "kin")
		default:
			out = append(out, evened(w))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " " + strings.Join(out, " ") + " "
}

// timeless returns what was heard with the word that follows "they" as an act
// without a time: "he kicks" and "he kicked" are the same. A bare "he hit" or "she
// beat" stays apart from "he hits": people say it of questions and of chess.
func timeless(heard string) string {
	words := strings.Fields(heard)
	for i, w := range words {
		if s := english.Stem(w, false); i > 0 && somebody[words[i-1]] && s != w {
			words[i] = s + "+"
		}
	}
	return " " + strings.Join(words, " ") + " "
}

// calm returns what was heard without words that only stress.
func calm(heard string) string {
	words := slices.DeleteFunc(strings.Fields(heard), func(w string) bool { return stressing[w] })
	return " " + strings.Join(words, " ") + " "
}

// withoutLead drops the words before a person that only say which one: "my old".
func withoutLead(words []string) []string {
	for len(words) > 0 && (leading[words[len(words)-1]] || somebody[words[len(words)-1]]) {
		words = words[:len(words)-1]
	}
	return words
}

// evened returns a long word with each run of the same letter as one: people
// double the wrong ones. In short words another word may be meant.
func evened(w string) string {
	const long = 7
	if len(w) < long {
		return w
	}
	var last rune
	return strings.Map(func(r rune) rune {
		if r == last {
			return -1
		}
		last = r
		return r
	}, w)
}

// shortForms are twice in a row where they share a space: "i do not do not".
var shortForms = strings.NewReplacer(" do not ", " dont ", " does not ", " doesnt ", " did not ", " didnt ", " can not ", " cant ",
	" cannot ", " cant ", " will not ", " wont ", " is not ", " isnt ", " was not ", " wasnt ", " were not ", " werent ", " have not ", " havent ",
	" i am ", " im ", " wanna ", " want to ", " gonna ", " going to ", " any more ", " anymore ", " he s ", " hes ", " she s ", " shes ")

var (
	stressing = wordSet(`always often sometimes constantly regularly usually literally actually basically totally fucking fuckin bloody damn repeatedly`)
	theirs    = wordSet(`him her them his their hers theirs`)
	leading   = wordSet(`my a an the our this that another some new ex team line tech best former male female older younger senior junior own one fellow
		drunk certain other close big little step co`)
	asking   = wordSet(`do can should could may must would shall`)
	crowds   = wordSet(`im ive we us our client customer team group everyone everybody nobody anybody family community`)
	articles = wordSet(`my a an the this that`)
	pronouns = wordSet(`he she they someone somebody anyone people`)
	somebody = wordSet(`they kin`)
	grave    = stemSet(`kill suicide suicidal poison pills overdose overdosed gun knife weapon stab stabbed stabbing rape raped grope groped
		molest molested stalk stalked stalker blackmail blackmailed threat threaten threatened threatening abuse abused abusive abuser assault assaulted
		harass harassed harassment bully bullied violent violence punch punched choke choked strangle bruise bruises bleed bleeding blood burned hurt hurting
		goodbye creepy creep nude nudes naked sexual sexually predator drugged revenge gaslight manipulate manipulated hopeless worthless lifeless`)
	persons = wordSet(`guy man woman men women dude bloke lady boy girl boss manager lead leader supervisor
		colleague coworker teammate workmate partner husband wife boyfriend girlfriend bf gf spouse fiance father mother dad mum mom stepdad stepmom stepmum
		stepfather stepmother parent brother sister uncle aunt cousin friend mate roommate flatmate housemate neighbour neighbor teacher professor tutor coach
		trainer classmate student member mod moderator admin intern director ceo chef landlord son daughter child kid employee
		player stranger patient worker staff vendor person ex peer intern
		trainee`)
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

func stemSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range wordSet(list) {
		set[english.Stem(evened(w), false)] = true
	}
	return set
}
