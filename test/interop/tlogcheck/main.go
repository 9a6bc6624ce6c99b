// Command tlogcheck checks a tiled transparency log (c2sp.org/tlog-tiles) with golang.org/x/mod/sumdb/{note,tlog} alone: the
// hashing, the tiles, the proofs and their verification are those of the Go checksum database.
//
//	tlogcheck -vkey FILE -log FOLDER|URL [-published FOLDER] [-positions 0,5,17]
//
// Every leaf is hashed again and the whole tree computed from the leaves; every tile must be byte for byte what follows
// from them; the positions are proved by the tiles and the proofs verified; of the published checkpoints, one file each, every
// pair must be consistent, and the tiles at the edge of each must be there. Exit code 0 and one line when all holds, else 1.
package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

func main() {
	vkey := flag.String("vkey", "", "file with the verifier key of the log")
	log := flag.String("log", "", "folder or URL prefix of the log")
	published := flag.String("published", "", "folder with every published checkpoint")
	positions := flag.String("positions", "", "positions to prove, beside the first and the last")
	flag.Parse()
	summary, err := check(*vkey, *log, *published, *positions)
	if err != nil {
		fmt.Fprintf(os.Stderr, "refused: %v\n", err)
		os.Exit(1)
	}
	fmt.Printf("ok: %s\n", summary)
}

func check(vkey, prefix, published, positions string) (string, error) {
	key, err := os.ReadFile(vkey)
	if err != nil {
		return "", err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return "", fmt.Errorf("vkey: %w", err)
	}
	source := &reader{prefix: prefix}
	signed, err := source.read("checkpoint")
	if err != nil {
		return "", err
	}
	tree, err := openCheckpoint(signed, verifier)
	if err != nil {
		return "", err
	}
	leaves, err := hashEveryLeaf(source, tree.N)
	if err != nil {
		return "", err
	}
	tiles, err := compareTiles(source, tree, leaves)
	if err != nil {
		return "", err
	}
	proved, err := provePositions(source, tree, leaves, positions)
	if err != nil {
		return "", err
	}
	checkpoints, pairs, err := comparePublished(source, tree, verifier, published)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d leaves, %d tiles, %d positions, %d checkpoints, %d pairs",
		tree.N, tiles, proved, checkpoints, pairs), nil
}

// openCheckpoint verifies the signature of the log and takes the tree from a c2sp.org/tlog-checkpoint.
func openCheckpoint(signed []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("checkpoint: not one of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("checkpoint: size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: root: %w", err)
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// hashEveryLeaf reads all entry bundles and gives the hashes of all leaves.
func hashEveryLeaf(source *reader, size int64) ([]tlog.Hash, error) {
	leaves := make([]tlog.Hash, 0, size)
	for index := int64(0); int64(len(leaves)) < size; index++ {
		width := min(size-int64(len(leaves)), 1<<tileHeight)
		tile := tlog.Tile{H: tileHeight, L: -1, N: index, W: int(width)}
		bundle, err := source.readTile(tile)
		if err != nil {
			return nil, err
		}
		for n := int64(0); n < width; n++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("%s: ends within entry %d", pathOf(tile), n)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			leaves = append(leaves, tlog.RecordHash(bundle[2:end]))
			bundle = bundle[end:]
		}
		// Beyond the width is only the rest of a full bundle that stands in for a partial one.
		if len(bundle) > 0 && !source.insteadOfPartial {
			return nil, fmt.Errorf("%s: %d bytes too many", pathOf(tile), len(bundle))
		}
	}
	return leaves, nil
}

// compareTiles computes the tree from the leaves alone and compares its root and each of its tiles.
func compareTiles(source *reader, tree tlog.Tree, leaves []tlog.Hash) (int, error) {
	var stored []tlog.Hash
	computed := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for n, leaf := range leaves {
		hashes, err := tlog.StoredHashesForRecordHash(int64(n), leaf, computed)
		if err != nil {
			return 0, err
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(tree.N, computed)
	if err != nil {
		return 0, err
	}
	if root != tree.Hash {
		return 0, fmt.Errorf("the leaves give the root %v, the checkpoint says %v", root, tree.Hash)
	}
	tiles := tlog.NewTiles(tileHeight, 0, tree.N)
	for _, tile := range tiles {
		expected, err := tlog.ReadTileData(tile, computed)
		if err != nil {
			return 0, err
		}
		found, err := source.readTile(tile)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(found, expected) {
			return 0, fmt.Errorf("%s: not what follows from the leaves", pathOf(tile))
		}
	}
	return len(tiles), nil
}

// provePositions makes proofs from the tiles that are served, authenticated against the root, and verifies them.
func provePositions(source *reader, tree tlog.Tree, leaves []tlog.Hash, list string) (int, error) {
	if tree.N == 0 {
		return 0, nil
	}
	positions := []int64{0, tree.N - 1}
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' }) {
		position, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return 0, err
		}
		positions = append(positions, position)
	}
	hashes := tlog.TileHashReader(tree, source)
	for _, position := range positions {
		proof, err := tlog.ProveRecord(tree.N, position, hashes)
		if err != nil {
			return 0, fmt.Errorf("position %d: %w", position, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, position, leaves[position]); err != nil {
			return 0, fmt.Errorf("position %d: %w", position, err)
		}
	}
	return len(positions), nil
}

// comparePublished proves by the tiles that of all published checkpoints each earlier one is a beginning of each later one.
func comparePublished(source *reader, tree tlog.Tree, verifier note.Verifier, folder string) (int, int, error) {
	trees := []tlog.Tree{tree}
	if folder != "" {
		files, err := os.ReadDir(folder)
		if err != nil {
			return 0, 0, err
		}
		for _, file := range files {
			signed, err := os.ReadFile(filepath.Join(folder, file.Name()))
			if err != nil {
				return 0, 0, err
			}
			older, err := openCheckpoint(signed, verifier)
			if err != nil {
				return 0, 0, fmt.Errorf("%s: %w", file.Name(), err)
			}
			trees = append(trees, older)
		}
	}
	sort.SliceStable(trees, func(i, j int) bool { return trees[i].N < trees[j].N })
	pairs := 0
	for j, newer := range trees {
		if err := source.hasEdge(newer); err != nil {
			return 0, 0, err
		}
		hashes := tlog.TileHashReader(newer, source)
		for _, older := range trees[:j] {
			// tlog knows no proof from the empty tree: everything extends it.
			if older.N == 0 {
				continue
			}
			proof, err := tlog.ProveTree(newer.N, older.N, hashes)
			if err != nil {
				return 0, 0, fmt.Errorf("from %d to %d: %w", older.N, newer.N, err)
			}
			if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
				return 0, 0, fmt.Errorf("from %d to %d: %w", older.N, newer.N, err)
			}
			pairs++
		}
	}
	return len(trees), pairs, nil
}

// reader reads what lies below the prefix of a log.
type reader struct {
	prefix string
	// The last tile that was read is the full one instead of a partial one, which a log may delete.
	insteadOfPartial bool
}

// Height and ReadTiles and SaveTiles make it a tlog.TileReader.
func (r *reader) Height() int { return tileHeight }

func (r *reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, err := r.readTile(tile)
		if err != nil {
			return nil, err
		}
		all[i] = data
	}
	return all, nil
}

func (r *reader) SaveTiles([]tlog.Tile, [][]byte) {}

// hasEdge says whether the partial tiles of a published size, or full ones instead, are there.
func (r *reader) hasEdge(tree tlog.Tree) error {
	for _, tile := range tlog.NewTiles(tileHeight, 0, tree.N) {
		if tile.W == 1<<tileHeight {
			continue
		}
		if _, err := r.readTile(tile); err != nil {
			return fmt.Errorf("edge of %d: %w", tree.N, err)
		}
		if tile.L == 0 {
			if _, err := r.readTile(tlog.Tile{H: tile.H, L: -1, N: tile.N, W: tile.W}); err != nil {
				return fmt.Errorf("edge of %d: %w", tree.N, err)
			}
		}
	}
	return nil
}

func (r *reader) readTile(tile tlog.Tile) ([]byte, error) {
	r.insteadOfPartial = false
	data, err := r.read(pathOf(tile))
	if err == nil || tile.W == 1<<tileHeight {
		return data, err
	}
	full := tile
	full.W = 1 << tileHeight
	data, fullErr := r.read(pathOf(full))
	if fullErr != nil {
		return nil, err
	}
	r.insteadOfPartial = true
	if tile.L >= 0 {
		data = data[:min(len(data), tile.W*tlog.HashSize)]
	}
	return data, nil
}

func (r *reader) read(name string) ([]byte, error) {
	if !strings.HasPrefix(r.prefix, "http://") && !strings.HasPrefix(r.prefix, "https://") {
		return os.ReadFile(filepath.Join(r.prefix, name))
	}
	answer, err := http.Get(strings.TrimSuffix(r.prefix, "/") + "/" + name)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", name, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// pathOf gives the path of c2sp.org/tlog-tiles, which has no height and calls the leaves entries.
func pathOf(tile tlog.Tile) string {
	name := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return "tile/" + strings.Replace(name, "data/", "entries/", 1)
}
