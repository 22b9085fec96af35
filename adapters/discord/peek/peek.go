// Package peek finds members of a JSON object without reading the rest.
//
// Discord tells far more of each thing than anybody here looks at, and most of
// reading it is for what is thrown away. Peek decides where a member begins and
// ends. It does not check what it skips: whoever must not take an object that is
// no JSON inside has to read it with encoding/json. Where it does not know what
// it sees it says so, and the caller reads with encoding/json, too.
package peek

import "strconv"

// Object calls member with each member of the object that raw is; keys and
// values are parts of raw. It reports false where raw is no object, is not whole or has a
// key that is written in an unusual way, and as soon as member does.
func Object(raw []byte, member func(key, value []byte) bool) bool {
	at := blank(raw, 0)
	if !has(raw, at, '{') {
		return false
	}
	if at = blank(raw, at+1); has(raw, at, '}') {
		return blank(raw, at+1) == len(raw)
	}
	for {
		end := value(raw, at)
		if !has(raw, at, '"') || end < 0 {
			return false
		}
		key, ok := words(raw[at:end])
		if at = blank(raw, end); !ok || !has(raw, at, ':') {
			return false
		}
		at = blank(raw, at+1)
		if end = value(raw, at); end < 0 || !member(key, raw[at:end]) {
			return false
		}
		at = blank(raw, end)
		switch {
		case has(raw, at, ','):
			at = blank(raw, at+1)
		case has(raw, at, '}'):
			return blank(raw, at+1) == len(raw)
		default:
			return false
		}
	}
}

// List calls element with each element of the list that raw is, which are parts
// of raw. It reports false where raw is no list or is not whole, and as soon as
// element does.
func List(raw []byte, element func(value []byte) bool) bool {
	at := blank(raw, 0)
	if !has(raw, at, '[') {
		return false
	}
	if at = blank(raw, at+1); has(raw, at, ']') {
		return blank(raw, at+1) == len(raw)
	}
	for {
		end := value(raw, at)
		if end < 0 || !element(raw[at:end]) {
			return false
		}
		at = blank(raw, end)
		switch {
		case has(raw, at, ','):
			at = blank(raw, at+1)
		case has(raw, at, ']'):
			return blank(raw, at+1) == len(raw)
		default:
			return false
		}
	}
}

func has(raw []byte, at int, c byte) bool { return at < len(raw) && raw[at] == c }

// blank is where something else than white space stands, from at on.
func blank(raw []byte, at int) int {
	for at < len(raw) && (raw[at] == ' ' || raw[at] == '\n' || raw[at] == '\t' || raw[at] == '\r') {
		at++
	}
	return at
}

// value is where the value ends that begins at at; -1 if it does not.
func value(raw []byte, at int) (end int) {
	if at >= len(raw) {
		return -1
	}
	switch raw[at] {
	case '"':
		return quoted(raw, at)
	case '{', '[':
		return nested(raw, at)
	}
	for end = at; end < len(raw) && plain(raw[end]); end++ {
	}
	if end == at {
		return -1
	}
	return end
}

// plain reports whether c may stand in a number, true, false or null.
func plain(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}

// quoted is value for a string.
func quoted(raw []byte, at int) (end int) {
	for at++; at < len(raw); at++ {
		switch raw[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return -1
}

// nested is value for an object or a list.
func nested(raw []byte, at int) (end int) {
	for depth := 0; at < len(raw); at++ {
		switch raw[at] {
		case '"':
			if at = quoted(raw, at) - 1; at < 0 {
				return -1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return -1
}

// Null reports whether value is null.
func Null(value []byte) bool { return string(value) == "null" }

// Text is the string that value is; not ok if it is none, or one that is written
// with more than visible ASCII.
func Text(value []byte) (text string, ok bool) {
	inner, ok := words(value)
	return string(inner), ok
}

// words is Text, as a part of value.
func words(value []byte) (inner []byte, ok bool) {
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return nil, false
	}
	inner = value[1 : len(value)-1]
	for _, c := range inner {
		if c < ' ' || c > '~' || c == '\\' || c == '"' {
			return nil, false
		}
	}
	return inner, true
}

// Number is the whole number that value is; not ok if it is none.
func Number(value []byte) (n int64, ok bool) {
	if len(value) == 0 || len(value) > 18 || value[0] == '+' || value[0] == '0' && len(value) > 1 || len(value) > 1 && string(value[:2]) == "-0" {
		return 0, false
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	return n, err == nil
}
