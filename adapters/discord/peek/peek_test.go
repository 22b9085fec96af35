package peek

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// objects are some of each kind that matters.
var objects = []string{
	`{}`, ` { } `, `{"a":1}`, `{"a":"x","b":[1,{"c":"}"}],"d":null}`, "{\n\t\"a\" : -1.5e+3 ,\r \"b\" : true }",
	`{"a":"\"}","b":"\\","c":"[{"}`, `{"a":{"b":{"c":[[],{}]}}}`, `{"t":"READY","s":1,"op":0,"d":{"v":10}}`,
}

// Every member of an object is found as encoding/json finds it.
func TestObject(t *testing.T) {
	for _, text := range objects {
		var want map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		got := map[string]json.RawMessage{}
		ok := Object([]byte(text), func(key, value []byte) bool { got[string(key)] = bytes.Clone(value); return true })
		if !ok || !maps.EqualFunc(got, want, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
			t.Errorf("%s: %v, %v; want %v", text, ok, got, want)
		}
	}
}

// What is not whole, or is something else, is not taken.
func TestNoObject(t *testing.T) {
	for _, text := range objects {
		text = strings.TrimSpace(text)
		for n := range len(text) {
			if Object([]byte(text[:n]), func([]byte, []byte) bool { return true }) {
				t.Errorf("%q is taken", text[:n])
			}
		}
	}
	for _, text := range []string{
		``, `null`, `1`, `"a"`, `[]`, `{}{}`, `{}x`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{"a":1]`, `{a:1}`, `{1:1}`, `{"\u0061":1}`, `{"é":1}`,
	} {
		if Object([]byte(text), func([]byte, []byte) bool { return true }) {
			t.Errorf("%q is taken", text)
		}
	}
	seen := 0
	if Object([]byte(`{"a":1,"b":2}`), func([]byte, []byte) bool { seen++; return false }) || seen != 1 {
		t.Errorf("goes on after a refusal: %d", seen)
	}
}

// A text or a number that is taken is what encoding/json makes of it.
func TestTextAndNumber(t *testing.T) {
	for _, v := range []string{`""`, `"a"`, `"a b~"`, `"\n"`, `"\""`, `"é"`, "\"\x01\"", `"a`, `a"`, `"`, ``, `1`, `null`, `"a"b"`} {
		var want string
		err := json.Unmarshal([]byte(v), &want)
		if got, ok := Text([]byte(v)); ok && (err != nil || got != want) {
			t.Errorf("%s is taken as %q, want %q, %v", v, got, want, err)
		}
	}
	for _, v := range []string{`0`, `-1`, `41250`, `01`, `-0`, `-01`, `+1`, `1.0`, `1e3`, `--1`, ``, `-`, `null`, `"1"`, `999999999999999999999`} {
		var want int64
		err := json.Unmarshal([]byte(v), &want)
		if got, ok := Number([]byte(v)); ok && (err != nil || got != want) {
			t.Errorf("%s is taken as %d, want %d, %v", v, got, want, err)
		}
	}
	taken := slices.DeleteFunc([]string{`0`, `7`, `-12`, `1700000000000`}, func(v string) bool { _, ok := Number([]byte(v)); return ok })
	if len(taken) > 0 {
		t.Errorf("%q are not taken", taken)
	}
	if _, ok := Text([]byte(`"a b"`)); !ok {
		t.Error("a text is not taken")
	}
}

// FuzzObject holds what is taken against encoding/json, where that takes it, too.
func FuzzObject(f *testing.F) {
	for _, text := range objects {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := map[string]string{}
		ok := Object(raw, func(key, value []byte) bool { got[string(key)] = string(value); return true })
		var want map[string]json.RawMessage
		if !ok || json.Unmarshal(raw, &want) != nil {
			return
		}
		if !maps.EqualFunc(got, want, func(a string, b json.RawMessage) bool { return a == string(b) }) {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	})
}

// Every element of a list is found as encoding/json finds it; what is not whole,
// or is something else, is not taken.
func TestList(t *testing.T) {
	for _, text := range []string{`[]`, ` [ ] `, `[1]`, "[ \"a]\" ,\n{\"b\":[2,\"]\"]}, [[]], null ]"} {
		var want []json.RawMessage
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		var got []json.RawMessage
		ok := List([]byte(text), func(value []byte) bool { got = append(got, value); return true })
		if !ok || !slices.EqualFunc(got, want, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
			t.Errorf("%s: %q, %v; want %q", text, got, ok, want)
		}
		text = strings.TrimSpace(text)
		for n := range len(text) {
			if List([]byte(text[:n]), func([]byte) bool { return true }) {
				t.Errorf("%q is taken", text[:n])
			}
		}
	}
	for _, text := range []string{``, `null`, `{}`, `"[]"`, `[,]`, `[1,]`, `[1 2]`, `[1}`, `[]]`, `[]x`} {
		if List([]byte(text), func([]byte) bool { return true }) {
			t.Errorf("%q is taken", text)
		}
	}
	seen := 0
	if List([]byte(`[1,2]`), func([]byte) bool { seen++; return false }) || seen != 1 {
		t.Errorf("goes on after a refusal: %d", seen)
	}
}
