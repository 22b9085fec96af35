// Report reads what `go test -json` wrote: it prints what failed, and compares
// the tests that were skipped with a committed list, so that no test stops
// running without anybody noticing.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

type event struct {
	Action, Package, Test, Output string
}

func main() {
	skips := flag.String("skips", "", "file with the tests that may be skipped, one `package test` a line")
	flag.Parse()
	failed, err := report(flag.Arg(0), *skips)
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
	if failed {
		os.Exit(1)
	}
}

func report(log, skips string) (failed bool, err error) {
	f, err := os.Open(log)
	if err != nil {
		return false, err
	}
	defer f.Close()
	var (
		output  = make(map[string][]string)
		count   = make(map[string]int)
		skipped []string
	)
	in := bufio.NewScanner(f)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			fmt.Println(in.Text()) // the compiler speaks no JSON
			continue
		}
		name := strings.TrimSpace(e.Package + " " + e.Test)
		switch e.Action {
		case "output", "build-output":
			output[name] = append(output[name], e.Output)
		case "fail":
			failed = true
			fmt.Printf("--- FAIL %s\n%s", name, strings.Join(output[name], ""))
			fallthrough
		case "pass":
			if e.Test != "" {
				count[e.Action]++
			} else {
				fmt.Printf("%s %s\n", e.Action, e.Package)
			}
			delete(output, name)
		case "skip":
			if e.Test != "" {
				count["skip"]++
				skipped = append(skipped, name)
				fmt.Printf("SKIP %s: %s\n", name, strings.Join(output[name], ""))
			}
		}
	}
	if err := in.Err(); err != nil {
		return failed, err
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", count["pass"], count["fail"], count["skip"])
	if count["pass"] == 0 {
		return true, fmt.Errorf("no test ran")
	}
	return failed, compare(skipped, skips)
}

// compare reports tests that were skipped and are not on the list.
func compare(skipped []string, file string) error {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	allowed := strings.Split(string(data), "\n")
	for _, s := range skipped {
		if !slices.Contains(allowed, s) {
			return fmt.Errorf("%s was skipped and is not in %s: install what it needs, or add it there with a reason", s, file)
		}
	}
	return nil
}
