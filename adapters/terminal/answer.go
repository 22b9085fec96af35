package terminal

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"rapport/coach"
)

// read turns what was typed into an answer, or says why it is none.
func (q asked) read(typed string) (answer, why string) {
	switch {
	case typed == emptyWord && q.Optional:
		return "", ""
	case typed == "" && (q.Value != "" || q.Optional):
		return q.Value, ""
	case typed == "":
		return "", "This one needs an answer."
	case q.Kind == coach.PickMany:
		return q.several(typed)
	case q.options != nil:
		return q.pick(typed)
	}
	if n := utf8.RuneCountInString(typed); n > q.Limit() {
		return typed, fmt.Sprintf("That is %d characters; there is room for %d.", n, q.Limit())
	}
	return typed, ""
}

// several reads options parted by commas or, as numbers, by spaces.
func (q asked) several(typed string) (answer, why string) {
	parts := strings.Split(typed, ",")
	if words := strings.Fields(typed); strings.Trim(typed, "0123456789 ") == "" {
		parts = words
	}
	var values []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		v, why := q.pick(part)
		if why != "" {
			return "", why
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		return "", "Please pick from the list."
	}
	var kept []string // in the order of the list, each once
	for _, o := range q.options {
		if slices.Contains(values, o.Value) && !slices.Contains(kept, o.Value) {
			kept = append(kept, o.Value)
		}
	}
	return strings.Join(kept, ","), ""
}

// pick reads one option: its number, or else its label or value.
func (q asked) pick(typed string) (answer, why string) {
	if n, ok := number(typed); ok && n >= 1 && n <= len(q.options) {
		return q.options[n-1].Value, ""
	}
	for _, o := range q.options {
		if strings.EqualFold(oneLine(o.Label), typed) || strings.EqualFold(o.Value, typed) && !isNumber(typed) {
			return o.Value, ""
		}
	}
	return "", fmt.Sprintf("Please pick from the list, 1 to %d.", len(q.options))
}

// isNumber reports whether s is a number, which here always counts the list.
func isNumber(s string) bool {
	_, ok := number(s)
	return ok
}
