package terminal

import (
	"strconv"
	"strings"
)

// An intent is what a typed line is for.
type intent uint8

const (
	toNothing intent = iota
	toAsk            // the coach: text
	toPress          // control n of the last message
	toPressAt        // control n of the newest message in place
	toLabel          // the control labelled text
	toBe             // the person named text
	toGo             // to place
	toWait           // text is an expression of time
	toList           // what can be pressed
	toExplain        // the terminal's own words
	toQuit
)

// A line is what a person typed, understood.
type line struct {
	intent intent
	text   string
	n      int
	place  string // "dm", "channel" or "#name"
}

// command is the word that everything behind it is for the coach.
const command = "/rapport"

// parseLine reads a typed line. It never fails: what is no word of the
// terminal's own is for the coach. Own words are recognised in their whole form
// only, because a situation may well begin with "in", "as" or "wait".
func parseLine(s string) line {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "":
		return line{}
	case "?":
		return line{intent: toExplain}
	case "messages":
		return line{intent: toList}
	case "quit", "exit":
		return line{intent: toQuit}
	}
	if n, ok := number(s); ok {
		return line{intent: toPress, n: n, text: s}
	}
	first, rest, _ := strings.Cut(s, " ")
	rest = strings.TrimSpace(rest)
	if strings.EqualFold(first, command) {
		return line{intent: toAsk, text: rest}
	}
	if l, ok := parseOwn(strings.ToLower(first), rest); ok {
		return l
	}
	return line{intent: toAsk, text: s}
}

// parseOwn reads a line that begins with a word of the terminal's own.
func parseOwn(first, rest string) (line, bool) {
	n, isNumber := number(rest)
	switch {
	case first == "press" && isNumber:
		return line{intent: toPress, n: n, text: rest}, true
	case first == "press" && rest != "":
		return line{intent: toLabel, text: rest}, true
	case isPlace(first) && isNumber:
		return line{intent: toPressAt, place: first, n: n}, true
	case first == "as" && isName(rest):
		return line{intent: toBe, text: rest}, true
	case first == "in" && (strings.EqualFold(rest, "dm") || strings.HasPrefix(rest, "#")) && isPlace(rest):
		return line{intent: toGo, place: strings.ToLower(rest)}, true
	case first == "wait" && (rest == "" || isWait(rest)):
		return line{intent: toWait, text: rest}, true
	}
	return line{}, false
}

// isPlace reports whether s names where messages are.
func isPlace(s string) bool {
	s = strings.ToLower(s)
	return s == "dm" || s == "channel" || len(s) > 1 && s[0] == '#' && !strings.ContainsAny(s, " \t")
}

// number reads what can be the number of a control.
func number(s string) (int, bool) {
	if len(s) == 0 || len(s) > 2 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
