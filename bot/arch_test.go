package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is the path of this module. It has no dot, so that a path alone does
// not tell ours from the standard library: go list's field Standard does.
const module = "rapport"

// A listed package is what go list says of it. Imports are those of the
// program, not of its tests.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

// notInCoach is what the coach must not know: it decides what to say, wherever
// it runs.
var notInCoach = [...]string{"os", "net", "net/http", "database/sql", "log", "log/slog", "github.com/robfig/cron/v3"}

// shared is what adapters have in common. It knows nothing of ours.
const shared = "adapters/surface"

// folder is the path of one of our packages below the module, or "".
func folder(p listed) string {
	if p.Standard || p.ImportPath != module && !strings.HasPrefix(p.ImportPath, module+"/") {
		return ""
	}
	if p.ImportPath == module {
		return "."
	}
	return strings.TrimPrefix(p.ImportPath, module+"/")
}

// below reports whether a folder is one of dirs or in one of them.
func below(folder string, dirs ...string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return folder == d || strings.HasPrefix(folder, d+"/") })
}

// forTests reports whether a folder holds what only tests use.
func forTests(folder string) bool { return strings.HasSuffix(folder, "test") }

// mayImport reports whether an arrow between two of our folders points the
// right way.
func mayImport(from, to string) bool {
	if forTests(to) && !forTests(from) {
		return false
	}
	parts := strings.Split(from, "/")
	switch {
	case below(from, "bot"):
		return true
	case from == shared:
		return false
	case from == "adapters/adaptertest":
		return below(to, "coach", "schedules")
	case parts[0] == "adapters" && len(parts) > 1:
		own := path.Join(parts[0], parts[1])
		stores := below(own, "adapters/sqlite", "adapters/postgres")
		return below(to, "coach", own) || below(to, "schedules") && stores || to == shared
	case below(from, "schedules"):
		return below(to, "coach", "schedules")
	case below(from, "coach/streak", "coach/curriculum", "coach/match"):
		return below(to, from)
	case from == "coach/coachtest":
		// Its store in memory is also one of schedules. Only tests import it,
		// so that the coach itself knows no more for that.
		return below(to, "coach") || to == "schedules"
	case below(from, "coach"):
		return below(to, "coach")
	}
	return false
}

// wrongArrows are the imports that point the wrong way.
func wrongArrows(all []listed) []string {
	ours := map[string]string{}
	for _, p := range all {
		if f := folder(p); f != "" {
			ours[p.ImportPath] = f
		}
	}
	var wrong []string
	for _, p := range all {
		from, ok := ours[p.ImportPath]
		if !ok {
			continue
		}
		if !below(from, "bot", "coach", "adapters", "schedules") {
			wrong = append(wrong, from+" is no place for a package")
		}
		for _, imp := range p.Imports {
			to, our := ours[imp]
			if our && !mayImport(from, to) || !our && below(from, "coach") && !forTests(from) && slices.Contains(notInCoach[:], imp) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s", from, imp))
			}
		}
	}
	return wrong
}

// packages asks go list for everything the module is made of.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-json=ImportPath,Standard,Imports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestArrows(t *testing.T) {
	all := packages(t)
	for _, w := range wrongArrows(all) {
		t.Error(w)
	}
	n := 0
	for _, p := range all {
		if folder(p) != "" {
			n++
		}
	}
	if n < 8 {
		t.Errorf("got %d packages of ours, want at least 8: the check looks in the wrong place", n)
	}
}

// TestWrongArrowsAreFound plants arrows: the check must see each wrong one, and
// none of the right ones.
func TestWrongArrowsAreFound(t *testing.T) {
	folders := []string{
		"bot", "coach", "coach/streak", "coach/curriculum", "coach/match", "coach/coachtest", "schedules", "schedules/schedulestest",
		"adapters/web", "adapters/web/page", "adapters/terminal", "adapters/sqlite", "adapters/keyring", "adapters/adaptertest", "adapters/surface",
	}
	plant := func(from, to string) []string {
		all := []listed{{ImportPath: "os", Standard: true}, {ImportPath: "fmt", Standard: true}}
		for _, f := range folders {
			p := listed{ImportPath: module + "/" + f}
			if f == from {
				p.Imports = []string{"fmt", to}
			}
			all = append(all, p)
		}
		return wrongArrows(all)
	}
	for _, tt := range []struct {
		from, to string
		wrong    bool
	}{
		{"bot", "rapport/coach", false},
		{"bot", "rapport/adapters/web", false},
		{"bot", "rapport/coach/coachtest", true},
		{"bot", "os", false},
		{"adapters/web", "rapport/coach", false},
		{"adapters/web", "rapport/coach/streak", false},
		{"adapters/web", "rapport/adapters/web/page", false},
		{"adapters/web", "rapport/adapters/terminal", true},
		{"adapters/web", "rapport/adapters/sqlite", true},
		{"adapters/web", "rapport/schedules", true},
		{"adapters/web", "rapport/bot", true},
		{"adapters/web", "net/http", false},
		{"adapters/sqlite", "rapport/schedules", false},
		{"adapters/sqlite", "rapport/adapters/keyring", true},
		{"adapters/keyring", "rapport/coach", false},
		{"adapters/keyring", "rapport/schedules", true},
		{"schedules", "rapport/coach", false},
		{"schedules", "rapport/coach/streak", false},
		{"schedules", "rapport/adapters/sqlite", true},
		{"schedules", "rapport/bot", true},
		{"schedules", "rapport/schedules/schedulestest", true},
		{"schedules", "github.com/robfig/cron/v3", false},
		{"schedules/schedulestest", "rapport/schedules", false},
		{"schedules/schedulestest", "rapport/coach/coachtest", false},
		{"coach", "rapport/coach/curriculum", false},
		{"coach", "rapport/schedules", true},
		{"coach", "rapport/adapters/web", true},
		{"coach", "rapport/coach/coachtest", true},
		{"coach", "os", true},
		{"coach", "net", true},
		{"coach", "net/http", true},
		{"coach", "database/sql", true},
		{"coach", "log", true},
		{"coach", "log/slog", true},
		{"coach", "github.com/robfig/cron/v3", true},
		{"coach/streak", "os", true},
		{"coach/streak", "rapport/coach", true},
		{"coach/streak", "rapport/coach/curriculum", true},
		{"coach/curriculum", "rapport/coach", true},
		{"coach/curriculum", "rapport/coach/streak", true},
		{"coach", "rapport/coach/match", false},
		{"coach/match", "rapport/coach/curriculum", true},
		{"coach/coachtest", "rapport/coach", false},
		{"coach/coachtest", "os", false},
		{"coach/coachtest", "rapport/schedules", false},
		{"coach/coachtest", "rapport/schedules/schedulestest", true},
		{"coach/coachtest", "rapport/adapters/sqlite", true},
		{"adapters/adaptertest", "rapport/coach/coachtest", false},
		{"adapters/adaptertest", "rapport/adapters/web", true},
		{"adapters/web", "rapport/adapters/surface", false},
		{"adapters/surface", "rapport/adapters/web", true},
		{"adapters/surface", "rapport/coach", true},
	} {
		if got := plant(tt.from, tt.to); (len(got) > 0) != tt.wrong {
			t.Errorf("%s imports %s: got faults %q, want one: %v", tt.from, tt.to, got, tt.wrong)
		}
	}
	// A standard package whose path looks like ours is not ours.
	if got := wrongArrows([]listed{{ImportPath: "rapport/util", Standard: true}}); len(got) > 0 {
		t.Errorf("a standard package: got faults %q", got)
	}
	for _, p := range []string{"rapport", "rapport/util", "rapport/internal/x"} {
		if got := wrongArrows([]listed{{ImportPath: p}}); len(got) != 1 {
			t.Errorf("package %s: got faults %q, want one", p, got)
		}
	}
}

// topLevel is every folder there may be; the last two are not part of the
// source.
var topLevel = [...]string{"bot", "coach", "adapters", "schedules", "docs", ".ci", ".git", "dist"}

// surplusFolders are the folders of the root that should not be there.
func surplusFolders(root fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(root, ".")
	var surplus []string
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(topLevel[:], e.Name()) {
			surplus = append(surplus, e.Name())
		}
	}
	return surplus, err
}

func TestTopLevel(t *testing.T) {
	got, err := surplusFolders(os.DirFS(".."))
	if err != nil || len(got) > 0 {
		t.Errorf("got surplus folders %q, %v; want none", got, err)
	}
	dir := t.TempDir()
	for _, name := range []string{"bot", "util", "internal"} {
		writeFile(t, filepath.Join(dir, name, "x"), "")
	}
	if got, err := surplusFolders(os.DirFS(dir)); err != nil || !slices.Equal(got, []string{"internal", "util"}) {
		t.Errorf("planted folders: got %q, %v; want internal and util", got, err)
	}
}

// mutable are the package variables that may change, with the reason.
var mutable = map[string]string{
	"schedules.zones": "a cache of immutable time zones, which has no owner to live in",
}

// A source is the files of one package, without its tests.
type source struct {
	name  string
	files []*ast.File
	vars  map[string]*ast.ValueSpec
}

// globalFaults are init functions, and package variables that can change: those
// without a value, those made to be changed, and those some code writes to.
// Types are not known here, so that a variable written to through a method or a
// second name is not seen.
func globalFaults(s source) []string {
	var faults []string
	s.vars = map[string]*ast.ValueSpec{}
	for _, f := range s.files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				faults = append(faults, s.name+": has an init function")
			}
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
				faults = append(faults, s.declared(g)...)
			}
		}
	}
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			for _, e := range written(n) {
				if name := s.global(e); name != "" {
					faults = append(faults, fmt.Sprintf("%s.%s is written to", s.name, name))
				}
			}
			return true
		})
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// declared notes the variables of a declaration and judges their values.
func (s source) declared(g *ast.GenDecl) []string {
	var faults []string
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		embedded := g.Doc != nil && strings.Contains(fmt.Sprint(commentText(g.Doc)), "go:embed") || v.Doc != nil && strings.Contains(commentText(v.Doc), "go:embed")
		for i, name := range v.Names {
			if name.Name == "_" {
				continue
			}
			s.vars[name.Name] = v
			switch {
			case embedded:
			case len(v.Values) == 0:
				faults = append(faults, fmt.Sprintf("%s.%s has no value, so that something must change it", s.name, name.Name))
			case i < len(v.Values) && madeToChange(v.Values[i]):
				faults = append(faults, fmt.Sprintf("%s.%s is made to be changed", s.name, name.Name))
			}
		}
	}
	return faults
}

func commentText(c *ast.CommentGroup) string {
	var b strings.Builder
	for _, line := range c.List {
		b.WriteString(line.Text)
	}
	return b.String()
}

// madeToChange reports whether a value is of no use unless it is changed: what
// make and new return, pointers to literals, locks and atomics.
func madeToChange(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.Ident); ok {
			return f.Name == "make" || f.Name == "new"
		}
	case *ast.UnaryExpr:
		return e.Op == token.AND
	case *ast.CompositeLit:
		if t, ok := e.Type.(*ast.SelectorExpr); ok {
			p := fmt.Sprint(t.X)
			return p == "sync" || p == "atomic"
		}
	}
	return false
}

// written are the expressions a node writes to, or takes the address of.
func written(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			return []ast.Expr{n.Key, n.Value}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && slices.Contains([]string{"delete", "clear", "copy"}, f.Name) {
			return n.Args[:1]
		}
	}
	return nil
}

// global is the package variable an expression is a part of, or "".
func (s source) global(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.Ident:
			spec, ok := s.vars[x.Name]
			// A name that is declared nearer is another variable; one of
			// another file is not resolved.
			if ok && (x.Obj == nil || x.Obj.Decl == spec) {
				return x.Name
			}
			return ""
		default:
			return ""
		}
	}
}

// sources parses every package below root.
func sources(root string) ([]source, error) {
	byDir := map[string]*source{}
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		dir = filepath.ToSlash(dir)
		if byDir[dir] == nil {
			byDir[dir] = &source{name: dir}
		}
		byDir[dir].files = append(byDir[dir].files, f)
		return nil
	})
	var all []source
	for _, s := range byDir {
		all = append(all, *s)
	}
	return all, err
}

func TestNoGlobals(t *testing.T) {
	all, err := sources("..")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 8 {
		t.Errorf("got %d packages, want at least 8: the check looks in the wrong place", len(all))
	}
	used := map[string]bool{}
	for _, s := range all {
		for _, fault := range globalFaults(s) {
			name, _, _ := strings.Cut(fault, " ")
			if used[name] = mutable[name] != ""; !used[name] {
				t.Error(fault)
			}
		}
	}
	for name := range mutable {
		if !used[name] {
			t.Errorf("%s may change and does not: take it off the list", name)
		}
	}
}

// TestGlobalsAreFound plants globals: the check must see each of them.
func TestGlobalsAreFound(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "p", "a.go"), `package p

import ("embed"; "errors"; "regexp"; "sync")

//go:embed x
var files embed.FS

var (
	//go:embed y
	text string

	_ interface{} = (*int)(nil)
	errA = errors.New("a")
	form = regexp.MustCompile("a")
	list = []string{"a"}
	table = map[string]int{"a": 1}

	none int
	cache sync.Map
	lock = sync.Mutex{}
	made = make(map[string]int)
	fresh = new(int)
	pointer = &struct{ n int }{1}
	assigned = 1
	counted = 1
	element = []int{1}
	field = struct{ n int }{1}
	taken = 1
	dropped = map[string]int{}
	elsewhere = 1
)

func init() {}

func f() {
	assigned = 2
	counted++
	element[0] = 2
	field.n = 2
	_ = &taken
	delete(dropped, "a")
	list := []string{}
	list[0] = "shadowed"
	table := table
	table["a"] = 2
}

type t struct{ form int }

func (v *t) init() { v.form = 1 }
`)
	writeFile(t, filepath.Join(dir, "p", "b.go"), "package p\n\nfunc g() { elsewhere = 2 }\n")
	writeFile(t, filepath.Join(dir, "p", "c_test.go"), "package p\n\nvar ofTests int\n")
	all, err := sources(dir)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d packages, %v; want 1", len(all), err)
	}
	var got []string
	for _, fault := range globalFaults(all[0]) {
		got = append(got, strings.TrimPrefix(strings.Fields(fault)[0], "p."))
	}
	want := []string{"assigned", "cache", "counted", "dropped", "element", "elsewhere", "field", "fresh", "lock", "made", "none", "p:", "pointer", "taken"}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
