package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// licences tell the kinds of licence by their words, the most particular first.
var licences = [...]struct {
	name  string
	words *regexp.Regexp
}{
	{"GPL", regexp.MustCompile(`GNU (LESSER |AFFERO |LIBRARY )?GENERAL PUBLIC LICENSE`)},
	{"MPL-2.0", regexp.MustCompile(`Mozilla Public License,? (Version|version|v\.) 2\.0`)},
	{"Apache-2.0", regexp.MustCompile(`Apache License\s+Version 2\.0`)},
	{"MIT", regexp.MustCompile(`Permission is hereby granted, free of charge, to any person obtaining`)},
	{"ISC", regexp.MustCompile(`Permission to use, copy, modify, and(/or)? distribute this software for any\s+purpose with or without fee`)},
	{"BSD-3-Clause", regexp.MustCompile(`(?s)Redistribution and use in source and binary forms.*(Neither the name|names? of .{1,80} may not be used)`)},
	{"BSD-2-Clause", regexp.MustCompile(`Redistribution and use in source and binary forms`)},
	{"public domain", regexp.MustCompile(`(?i)public domain`)},
}

// shipped are the licences that what is in the program may have; those of what
// tests alone use may be others too.
var shipped = [...]string{"MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "public domain"}

// passedOver are files that begin like a licence and are none of what is used.
var passedOver = map[string]string{
	"modernc.org/sqlite/LICENSE-3RD-PARTY.md": "a list of the module's whole graph: what is used of it has a row of its own",
	"modernc.org/memory/LICENSE-LOGO":         "where a picture comes from that is in no program",
}

// kindsOf are the licences of a module, by the files at its top.
func kindsOf(m usedModule) (kinds []string, err error) {
	names, err := filepath.Glob(filepath.Join(m.Dir, "*"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		base := strings.ToUpper(filepath.Base(name))
		if !strings.HasPrefix(base, "LICEN") && !strings.HasPrefix(base, "COPYING") && !strings.HasPrefix(base, "UNLICEN") {
			continue
		}
		if _, ok := passedOver[m.Path+"/"+filepath.Base(name)]; ok {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, kindOf(text))
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), nil
}

func kindOf(text []byte) string {
	for _, l := range licences {
		if l.words.Match(text) {
			return l.name
		}
	}
	return "unknown"
}

type usedModule struct{ Path, Version, Dir string }

// modules are those that packages need on a system, tests included if asked for.
func modules(t *testing.T, system string, flags ...string) []usedModule {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-deps", "-json=Module"}, flags...)...)
	cmd.Dir, cmd.Env = "..", append(os.Environ(), "GOOS="+system, "GOFLAGS=-mod=readonly")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []usedModule
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ Module *usedModule }
		err := in.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Module != nil && p.Module.Path != "rapport" {
			all = append(all, *p.Module)
		}
	}
	return all
}

// TestLicences makes the list of docs/licences.md, with UPDATE=1, or holds it to
// the modules there are. Nothing with a licence that asks for more than to be
// named is in the program.
func TestLicences(t *testing.T) {
	var inside, tests []usedModule
	for _, system := range []string{"linux", "darwin", "windows"} {
		inside = append(inside, modules(t, system, "./bot")...)
	}
	tests = modules(t, "linux", "-test", "./...")
	byPath := func(a, b usedModule) int { return cmp.Compare(a.Path, b.Path) }
	slices.SortFunc(inside, byPath)
	inside = slices.Compact(inside)
	slices.SortFunc(tests, byPath)
	tests = slices.DeleteFunc(slices.Compact(tests), func(m usedModule) bool { return slices.Contains(inside, m) })
	if len(inside) < 10 || len(tests) < 3 {
		t.Fatalf("found %d modules in the program and %d of tests", len(inside), len(tests))
	}
	var doc strings.Builder
	doc.WriteString("# Licences of what Rapport is built from\n\n" +
		"Made by `UPDATE=1 go test -run TestLicences ./bot` from the modules' own files, and held to them by the same test. Rapport itself is under the [MIT licence](../LICENSE). " +
		"`go version -m rapport` prints the modules of a built program with their versions and hashes, which is its bill of materials.\n\n" +
		"## In the program, on Linux, macOS or Windows\n\n" +
		"Besides: Go's standard library and its copy of the time zone database (BSD-3-Clause; public domain).\n\n")
	table := func(all []usedModule, check bool) {
		doc.WriteString("| module | version | licence |\n|---|---|---|\n")
		for _, m := range all {
			kinds, err := kindsOf(m)
			if err != nil || len(kinds) == 0 || slices.Contains(kinds, "unknown") {
				t.Errorf("%s: found the licences %v, %v", m.Path, kinds, err)
			}
			for _, kind := range kinds {
				if check && !slices.Contains(shipped[:], kind) {
					t.Errorf("%s is in the program and under %s", m.Path, kind)
				}
			}
			fmt.Fprintf(&doc, "| %s | %s | %s |\n", m.Path, m.Version, strings.Join(kinds, ", "))
		}
	}
	table(inside, true)
	doc.WriteString("\n## For tests alone\n\n")
	table(tests, false)
	const name = "../docs/licences.md"
	if os.Getenv("UPDATE") == "1" {
		if err := os.WriteFile(name, []byte(doc.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := string(read(t, name)); got != doc.String() {
		t.Errorf("%s is not what the modules say; write it anew with UPDATE=1 and read what changed. Want:\n%s", name, doc.String())
	}
}

func TestLicencesAreTold(t *testing.T) {
	for want, text := range map[string]string{
		"GPL":           "                    GNU GENERAL PUBLIC LICENSE\n                       Version 3, 29 June 2007",
		"MPL-2.0":       "Mozilla Public License Version 2.0\n====",
		"MIT":           string(read(t, "../LICENSE")),
		"BSD-2-Clause":  "Redistribution and use in source and binary forms, with or without",
		"BSD-3-Clause":  "Redistribution and use in source and binary forms, with\nNeither the name of Google",
		"unknown":       "All rights reserved.",
		"public domain": "This is free and unencumbered software released into the public domain.",
	} {
		if got := kindOf([]byte(text)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
