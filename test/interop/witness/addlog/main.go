// Command addlog tells litewitness of a log, as witnessctl does: it writes the log's key into its database, at size zero.
package main

import (
	"fmt"
	"os"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// The root of the tree without entries.
const emptyRoot = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: addlog <database> <vkey>")
	}
	origin, _, found := strings.Cut(args[2], "+")
	if !found {
		return fmt.Errorf("%q is no verifier key", args[2])
	}
	db, err := sqlite.OpenConn(args[1], sqlite.OpenReadWrite, sqlite.OpenWAL)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := sqlitex.Execute(db, "INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)",
		&sqlitex.ExecOptions{Args: []any{origin, emptyRoot}}); err != nil {
		return err
	}
	return sqlitex.Execute(db, "INSERT INTO key (origin, key) VALUES (?, ?)",
		&sqlitex.ExecOptions{Args: []any{origin, args[2]}})
}
