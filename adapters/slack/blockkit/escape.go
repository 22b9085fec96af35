package blockkit

import (
	"strings"
	"unicode/utf8"

	"rapport/adapters/surface"
)

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// fit returns s with its entities escaped, in at most limit characters, the
// last an ellipsis where something is missing.
func fit(s string, limit int) string {
	escaped := entities.Replace(s)
	if surface.Fits(escaped, limit) {
		return escaped
	}
	n := 0
	for i, r := range s {
		if n += utf8.RuneCountInString(entities.Replace(string(r))); n >= limit {
			return entities.Replace(s[:i]) + "\u2026"
		}
	}
	return escaped
}
