package coach

import (
	"context"
	"strconv"
	"strings"
	"sync"
)

// A Command is one thing a person can ask for. Adding one takes a file with the
// Command in it and a line in [Commands].
type Command struct {
	Verb    string
	Aliases []string
	Summary string // one line, for help and for a platform's menu
	Params  []Param
	First   bool // among the few shown first
	Admin   bool // only for those who may set the team up
	Hidden  bool // reached from a button or form only
	Unseen  bool // sent by a surface, not by the person: they did nothing
	Run     func(context.Context, *visit) (Reply, error)
}

// A Param is an argument that can be completed.
type Param struct {
	Name    string
	Summary string
	Options []Option // what it may be; nil for anything
}

// Commands returns every command, in the order help lists them.
func Commands() []Command {
	return []Command{
		homeCommand(), stepCommand(), doneCommand(), prepCommand(), practiceCommand(), pauseCommand(),
		tipCommand(), cardCommand(), rehearseCommand(), repairCommand(), journalCommand(), progressCommand(), undoCommand(), activityCommand(), teamCommand(),
		settingsCommand(), dataCommand(), helpCommand(), setupCommand(),
		partCommand(), offerCommand(), inCommand(), whenCommand(), planCommand(), askCommand(),
		didCommand(), laterCommand(), whyCommand(), lessCommand(), answerCommand(), writeCommand(), noteCommand(),
		nowCommand(), quietCommand(), rhythmCommand(), placeCommand(), eraseCommand(), stopCommand(), seasonCommand(), previewCommand(),
		moreSetupCommand(), keepCommand(), draftCommand(), movedCommand(), elseCommand(),
	}
}

// verbElse takes whatever is no command.
const verbElse = "else"

// Parse reads the text behind "/rapport". It never fails: what is no command
// becomes one that answers kindly.
func Parse(text string) Action {
	words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(text), "/rapport"))
	if len(words) == 0 {
		return Do("home")
	}
	first := strings.ToLower(strings.Trim(words[0], ".,!?:;\"'`"))
	if first == "" {
		first = words[0] // "?" alone asks for help
	}
	if verb, ok := typed()[first]; ok && takes(verb, words[1:]) {
		return Do(verb, words[1:]...)
	} // more words than a command takes are a sentence: "help with a hard talk"
	if n, ok := stepNumber(strings.ToLower(strings.Join(words, " "))); ok {
		return Do("step", strconv.Itoa(n))
	}
	return Do(verbElse, strings.Join(words, " "))
}

// typed maps each word people can type to its verb.
var typed = sync.OnceValue(func() map[string]string {
	words := make(map[string]string)
	for _, c := range Commands() {
		if c.Hidden {
			continue
		}
		for _, word := range append(c.Aliases, c.Verb) {
			words[word] = c.Verb
		}
	}
	return words
})

// takes reports whether words behind a verb are for it.
func takes(verb string, words []string) bool {
	return len(words) <= 1 || verb == "step" || verb == "practice" || verb == "prep" || phrases()[verb+" "+typedOption(words)]
}

// typedOption is what words say as an option, such as "picture dark".
func typedOption(words []string) string {
	return strings.ToLower(strings.Trim(strings.Join(words, " "), ".,!?"))
}

// phrases are the options of all commands, each behind its verb.
var phrases = sync.OnceValue(func() map[string]bool {
	known := make(map[string]bool)
	for _, c := range Commands() {
		for _, p := range c.Params {
			for _, o := range p.Options {
				known[c.Verb+" "+o.Value] = true
			}
		}
	}
	return known
})

// stepNames are the words by which a step is asked for, besides its number.
var stepNames = [6][]string{
	{"appearance", "check your appearance", "ready", "show up ready", "first impression"},
	{"basics", "remember the basics", "listening", "listen"},
	{"common ground", "common-ground", "find common ground", "common", "small talk", "questions"},
	{"shared experiences", "shared experience", "shared-experiences", "create shared experiences", "experiences", "shared"},
	{"empathy", "empathic", "be empathic", "feelings"},
	{"mirror", "match", "mirroring", "mirror and match", "mirror-match", "matching", "meet people where they are"},
}

// stepNumber reads "3", "step 3", "#3" or the name of a step.
func stepNumber(s string) (int, bool) {
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "step"), "#"))
	if n, err := strconv.Atoi(s); err == nil {
		return n, n >= 1 && n <= len(stepNames)
	}
	for i, names := range stepNames {
		for _, name := range names {
			if s == name {
				return i + 1, true
			}
		}
	}
	return 0, false
}

// nearest returns the words people can type that are closest to word, best
// first, at most three and only where few letters differ.
func nearest(word string) []string {
	type near struct {
		verb string
		d    int
	}
	var found []near
	for _, c := range Commands() {
		if c.Hidden {
			continue
		}
		best := distance(word, c.Verb)
		for _, a := range c.Aliases {
			best = min(best, distance(word, a))
		}
		if best <= max(1, len(word)/3) {
			found = append(found, near{c.Verb, best})
		}
	}
	var out []string
	for d := range 4 {
		for _, f := range found {
			if f.d == d && len(out) < 3 {
				out = append(out, f.verb)
			}
		}
	}
	return out
}

// distance counts the letters to add, drop, change or swap with a neighbour to
// get from a to b (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 24 || len(y) > 24 {
		return 24
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

// completions returns ways to go on after prefix: what begins with it, then what
// holds it; of each the few words shown first, then the six steps, then the rest.
func completions(prefix string, admin bool, steps []Option) []Option {
	prefix = strings.ToLower(strings.TrimLeft(prefix, " "))
	var all []Option
	add := func(first bool) {
		for _, c := range Commands() {
			if c.Hidden || c.First != first || c.Admin && !admin {
				continue
			}
			all = append(all, Option{Label: c.Verb + " - " + c.Summary, Value: c.Verb})
			for _, p := range c.Params {
				for _, o := range p.Options {
					if strings.HasPrefix(prefix, c.Verb+" ") {
						all = append(all, Option{Label: c.Verb + " " + o.Label, Value: c.Verb + " " + o.Value})
					}
				}
			}
		}
	}
	add(true)
	all = append(all, steps...)
	add(false)
	var out, within []Option
	for _, o := range all {
		if strings.HasPrefix(o.Value+" ", prefix) {
			out = append(out, o)
		} else if strings.Contains(strings.ToLower(o.Label), prefix) {
			within = append(within, o)
		}
	}
	out = append(out, within...)
	return out[:min(len(out), MaxOptions)]
}
