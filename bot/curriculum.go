package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"rapport/coach/curriculum"
)

type curriculumCommand struct {
	Check curriculumCheck `cmd:"" help:"Check the texts of a folder, laid over the built-in ones: every fault with file and line."`
	Stats curriculumStats `cmd:"" help:"Count the texts, topic by topic, against how many a full edition has."`
}

type curriculumCheck struct {
	Dir string `arg:"" optional:"" placeholder:"DIR" help:"Folder with TOML files. Without it: [coach] curriculum_dir, or the built-in texts alone."`
}

// Run implements kong's command.
func (k curriculumCheck) Run(ctx context.Context, env Env, c *cli) error {
	cfg, err := c.config(env)
	if err != nil {
		return err
	}
	return curriculumCheckCmd(ctx, env, cfg, k.Dir)
}

type curriculumStats struct{}

// Run implements kong's command.
func (curriculumStats) Run(ctx context.Context, env Env, c *cli) error {
	cfg, err := c.config(env)
	if err != nil {
		return err
	}
	return curriculumStatsCmd(ctx, env, cfg)
}

// layers are the texts of an edition and the names of their folders as an
// operator knows them; the built-in layer has none.
type layers struct {
	fs    []fs.FS
	names []string
}

// curriculumLayers are the built-in texts and, over them, the folder dir or else
// the configured one.
func curriculumLayers(env Env, cfg *Config, dir string) (layers, error) {
	base, err := curriculum.Builtin(cfg.Coach.Language)
	if err != nil {
		return layers{}, err
	}
	l := layers{[]fs.FS{base}, []string{""}}
	if dir == "" {
		dir = cfg.Coach.CurriculumDir
	}
	if dir == "" {
		return l, nil
	}
	info, err := os.Stat(env.path(dir))
	switch {
	case err != nil:
		return layers{}, fmt.Errorf("curriculum: %w", err)
	case !info.IsDir():
		return layers{}, fmt.Errorf("curriculum: %s is a file; name the folder it is in", dir)
	}
	return layers{append(l.fs, os.DirFS(env.path(dir))), append(l.names, dir)}, nil
}

// place is a fault's file as the operator can open it.
func (l layers) place(f curriculum.Fault) string {
	switch {
	case f.File == "":
	case l.names[f.Layer] == "":
		f.File = "built-in " + f.File
	default:
		f.File = filepath.Join(l.names[f.Layer], filepath.FromSlash(f.File))
	}
	return f.String()
}

// curriculumCheckCmd loads and lints an edition. Every fault is a line of
// standard output; it is an error if one of them must be mended.
func curriculumCheckCmd(_ context.Context, env Env, cfg *Config, dir string) error {
	l, err := curriculumLayers(env, cfg, dir)
	if err != nil {
		return err
	}
	edition, err := l.load(env.Stdout)
	if err != nil {
		return err
	}
	wrong, doubtful := curriculum.Lint(edition)
	if dir != "" || cfg.Coach.CurriculumDir != "" {
		doubtful = ofLayer(doubtful, 1) // those of the built-in texts are not the admin's to mend
	}
	if err := errors.Join(l.print(env.Stdout, "", wrong), l.print(env.Stdout, "warning: ", doubtful)); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return tooMany(len(wrong))
	}
	_, err = fmt.Fprintf(env.Stdout, "The curriculum is sound, with %s. Edition %s.\n", counted(len(doubtful), "warning"), edition.Hash)
	return err
}

// load reads the edition. Faults are printed, and the error counts them.
func (l layers) load(w io.Writer) (*curriculum.Edition, error) {
	edition, err := curriculum.Load(l.fs...)
	if faults, ok := errors.AsType[curriculum.Faults](err); ok {
		if err := l.print(w, "", faults); err != nil {
			return nil, err
		}
		return nil, tooMany(len(faults))
	}
	return edition, err
}

func (l layers) print(w io.Writer, label string, faults []curriculum.Fault) error {
	for _, f := range faults {
		if _, err := fmt.Fprintln(w, label+l.place(f)); err != nil {
			return err
		}
	}
	return nil
}

func ofLayer(faults []curriculum.Fault, layer int) []curriculum.Fault {
	var out []curriculum.Fault
	for _, f := range faults {
		if f.Layer == layer {
			out = append(out, f)
		}
	}
	return out
}

func tooMany(faults int) error {
	return fmt.Errorf("the curriculum has %s", counted(faults, "fault"))
}

// counted is a number with its noun, whose plural takes an s.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// curriculumStatsCmd prints a table of how many texts there are.
func curriculumStatsCmd(_ context.Context, env Env, cfg *Config) error {
	l, err := curriculumLayers(env, cfg, "")
	if err != nil {
		return err
	}
	edition, err := l.load(env.Stdout)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "TOPIC\tKIND\tHAVE\tWANT")
	for _, c := range curriculum.Stats(edition) {
		topic, want, note := c.Topic, fmt.Sprint(c.Want), ""
		if topic == "" {
			topic = "all"
		}
		if c.Want == 0 {
			want = "-"
		}
		if c.Short() {
			note = "\tshort"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s%s\n", topic, c.Kind, c.Have, want, note)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "\nedition %s\n", edition.Hash)
	return err
}
