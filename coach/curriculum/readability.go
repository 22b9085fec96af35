package curriculum

import (
	"regexp"
	"strings"
	"unicode"
)

var sentenceEnd = regexp.MustCompile(`[.!?:;]+["')*]*(\s|$)`)

// grade is the Flesch-Kincaid grade of a text, with syllables guessed from
// its letters: the school year, in the US, in which it can be read.
func grade(text string) float64 {
	words := letterWords(text)
	if len(words) == 0 {
		return 0
	}
	sentences := len(sentenceEnd.FindAllString(strings.TrimSpace(text), -1))
	if !sentenceEnd.MatchString(text[max(0, len(strings.TrimSpace(text))-3):]) {
		sentences++ // the last one has no full stop
	}
	syllables := 0
	for _, w := range words {
		syllables += syllablesOf(w)
	}
	n := float64(len(words))
	return 0.39*n/float64(max(sentences, 1)) + 11.8*float64(syllables)/n - 15.59
}

// letterWords are the words of a text in lower case, without marks.
func letterWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
}

// syllablesOf counts groups of vowels, less a silent e.
func syllablesOf(word string) int {
	word = strings.Trim(word, "'")
	n, vowel := 0, false
	for _, r := range word {
		is := strings.ContainsRune("aeiouy", r)
		if is && !vowel {
			n++
		}
		vowel = is
	}
	silent := strings.HasSuffix(word, "e") && !strings.HasSuffix(word, "le")
	ed := strings.HasSuffix(word, "ed") && !strings.HasSuffix(word, "ted") && !strings.HasSuffix(word, "ded")
	if (silent || ed) && n > 1 {
		n--
	}
	return max(n, 1)
}
