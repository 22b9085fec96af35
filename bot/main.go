// Package main is the program: command line, configuration, wiring, logs and
// health. It decides which parts run and how they are joined, and is the only
// package that knows all the others. What is said, when and how it looks on a
// platform is decided by the packages it joins.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env, err := system()
	if err != nil {
		fmt.Fprintf(os.Stderr, "rapport: %v\n", err)
		os.Exit(1)
	}
	os.Exit(run(ctx, os.Args[1:], env))
}

// Env is everything a subcommand takes from outside the program, so that tests
// can hand in other things.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Dir            string // the working folder; file names on the command line are relative to it
	Own            bool   // the process is nothing but the program, which may settle how memory is taken
}

func system() (Env, error) {
	dir, err := os.Getwd()
	if err != nil {
		return Env{}, fmt.Errorf("working folder: %w", err)
	}
	return Env{os.Stdin, os.Stdout, os.Stderr, os.Getenv, dir, true}, nil
}

// cli is the command line.
type cli struct {
	Config string `placeholder:"FILE" help:"Configuration file. Without it: config.toml here, then $$XDG_CONFIG_HOME/rapport/config.toml, then the defaults."`

	Run        runCommand        `cmd:"" default:"withargs" help:"Run the coach: the local page, schedules and store. This is what happens without a command."`
	Try        tryCommand        `cmd:"" help:"Talk to the coach in this terminal."`
	Init       initCommand       `cmd:"" help:"Write a configuration and a Slack app manifest, and list the steps to connect Slack and Discord."`
	Doctor     doctorCommand     `cmd:"" help:"Check the installation: what is wrong, why, and exactly how to mend it."`
	Preview    previewCommand    `cmd:"" help:"Print the coming weekly nudges without sending them."`
	Backup     backupCommand     `cmd:"" help:"Copy the database to FILE while the coach runs."`
	Restore    restoreCommand    `cmd:"" help:"Put the copy in FILE in place of the database. Stop the coach first."`
	Export     exportCommand     `cmd:"" help:"Print what is kept about a person: facts and counts, never their own words."`
	Forget     forgetCommand     `cmd:"" help:"Erase everything about a person."`
	Key        keyCommand        `cmd:"" help:"Change the keys that what people write is sealed with."`
	Curriculum curriculumCommand `cmd:"" help:"Check or count the curriculum."`
	Version    versionCommand    `cmd:"" help:"Print the versions of the program and of what it is built from."`
}

// runOptions are the flags of run.
type runOptions struct {
	Config string // as given to --config; what LoadConfig takes to read the file again
}

type runCommand struct{}

// Run implements kong's command.
func (runCommand) Run(ctx context.Context, env Env, c *cli) error {
	cfg, err := c.config(env)
	if err != nil {
		return err
	}
	return runCmd(ctx, env, cfg, runOptions{Config: c.Config})
}

// tryOptions are the flags of try.
type tryOptions struct {
	At string // when the coach's clock starts, RFC 3339 or "2026-01-05 08:59" in the configured zone; "" = now
	DB string // database file; "" = one that is thrown away
}

type tryCommand struct {
	At string `placeholder:"TIME" help:"Start the coach's clock at this time, such as \"2026-01-05 08:59\"."`
	DB string `name:"db" placeholder:"FILE" help:"Keep the conversation in this database. Without it nothing is kept."`
}

// Run implements kong's command.
func (t tryCommand) Run(ctx context.Context, env Env, c *cli) error {
	cfg, err := c.config(env)
	if err != nil {
		return err
	}
	return tryCmd(ctx, env, cfg, tryOptions(t))
}

type previewCommand struct {
	Week string `placeholder:"WEEK" help:"Show this ISO week, such as 2026-W48. Without it: the next."`
}

// Run implements kong's command.
func (p previewCommand) Run(ctx context.Context, env Env, c *cli) error {
	cfg, err := c.config(env)
	if err != nil {
		return err
	}
	return previewCmd(ctx, env, cfg, p.Week)
}

// config reads the configuration and prints its warnings.
func (c *cli) config(env Env) (*Config, error) {
	cfg, err := LoadConfig(env, c.Config)
	if err != nil {
		return nil, err
	}
	for _, w := range cfg.Warnings {
		fmt.Fprintf(env.Stderr, "rapport: warning: %s\n", w)
	}
	return cfg, nil
}

// usageError is a fault of the command line; the program exits with 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func misuse(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// run runs the subcommand that args name until it is done or ctx ends, and
// returns the exit status: 0, 1 for an error, 2 for a wrong command line.
func run(ctx context.Context, args []string, env Env) int {
	err := dispatch(ctx, args, env)
	if err == nil {
		return 0
	}
	fmt.Fprintf(env.Stderr, "rapport: %v\n", err)
	if _, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintln(env.Stderr, "Run \"rapport --help\" to see what there is.")
		return 2
	}
	return 1
}

func dispatch(ctx context.Context, args []string, env Env) error {
	var c cli
	helped := false
	parser, err := kong.New(&c,
		kong.Name("rapport"),
		kong.Description("A coach in your team's chat that helps people build rapport."),
		kong.Writers(env.Stdout, env.Stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Exit(func(int) { helped = true }), // only --help asks for it
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(env, &c),
	)
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	cmd, err := parser.Parse(args)
	switch {
	case helped:
		return nil
	case err != nil:
		if word := stray(args, commandNames(parser)); word != "" {
			return misuse("there is no command %q%s", word, meant(word, commandNames(parser)))
		}
		return misuse("%v", err)
	}
	return cmd.Run()
}

// stray is the first word of a command line that is wrong and begins with no
// command, "" if there is none. kong takes it for an argument of run and has no
// hint for it.
func stray(args []string, commands []string) string {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--config":
			i++
		case strings.HasPrefix(args[i], "--config="):
		case strings.HasPrefix(args[i], "-"), slices.Contains(commands, args[i]):
			return ""
		default:
			return args[i]
		}
	}
	return ""
}

func commandNames(parser *kong.Kong) []string {
	var names []string
	for _, c := range parser.Model.Children {
		names = append(names, c.Name)
	}
	return names
}
