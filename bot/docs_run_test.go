package main

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDocumentedTests sees to it that each command with `go test` in the
// documents runs something: its folders are there, one of their functions has a
// name that it asks for, and a flag of ours comes behind the folder. Before it,
// go takes the folder for an argument of the test and looks for one here.
func TestDocumentedTests(t *testing.T) {
	command, seen := regexp.MustCompile("`(?:UPDATE=1 )?go test ([^`]*)`"), 0
	for _, pattern := range []string{"../*.md", "../docs/*.md", "../docs/*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, m := range command.FindAllStringSubmatch(string(read(t, file)), -1) {
				seen++
				if fault := faultOf(t, strings.Fields(strings.ReplaceAll(m[1], `\|`, "|"))); fault != "" {
					t.Errorf("%s: go test %s: %s", file, m[1], fault)
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("found %d commands in the documents, want all of them", seen)
	}
}

// faultOf says what is wrong with a command; "" if nothing is.
func faultOf(t *testing.T, args []string) string {
	t.Helper()
	isFolder := func(a string) bool { return strings.HasPrefix(a, "./") }
	folder, ours := slices.IndexFunc(args, isFolder), slices.IndexFunc(args, func(a string) bool { return a == "-long" || a == "-soak" })
	switch {
	case folder < 0:
		return "no folder"
	case ours >= 0 && ours < folder:
		return args[ours] + " stands before the folder"
	case args[folder] == "./folder": // any
		return ""
	}
	var names []string
	for _, a := range args {
		if isFolder(a) {
			names = append(names, testsIn(t, a)...)
		}
	}
	if len(names) == 0 {
		return "no tests there"
	}
	for i, a := range args[:len(args)-1] {
		wanted := strings.Trim(args[i+1], "'")
		if !slices.Contains([]string{"-run", "-bench", "-fuzz"}, a) || wanted == "xxx" { // runs none, as it is meant to
			continue
		}
		for _, one := range alternatives(wanted) {
			if !slices.ContainsFunc(names, regexp.MustCompile(one).MatchString) {
				return "nothing there is called " + one
			}
		}
	}
	return ""
}

// alternatives are the parts of a pattern, of which each is to find something.
func alternatives(pattern string) (all []string) {
	before, rest, some := strings.Cut(pattern, "(")
	inner, after, _ := strings.Cut(rest, ")")
	if !some {
		before, inner, after = "", pattern, ""
	}
	for _, one := range strings.Split(inner, "|") {
		all = append(all, before+one+after)
	}
	return all
}

// testsIn are the tests, benchmarks and fuzz targets of a folder as go takes it:
// with those of all below where it ends in "/...".
func testsIn(t *testing.T, folder string) []string {
	t.Helper()
	root, deep := strings.CutSuffix(folder, "/...")
	if !deep {
		return testsOf(t, root)
	}
	return slices.Concat(slices.Collect(maps.Values(testsBelow(t, root)))...)
}
