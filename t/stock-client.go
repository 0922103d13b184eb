// SPDX-License-Identifier: Apache-2.0

// stock-client DIRECTORY VKEY [PROOF…]: what the client of Go's checksum
// database (golang.org/x/mod/sumdb) says of a log and of proofs: the
// checkpoint is signed, tiles and every entry are under its root, every
// smaller tree is one of its beginnings. Only paths and proof files are read
// by hand.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

func openCheckpoint(data []byte, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	check(err)
	n, err := note.Open(data, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(n.Text, "\n")
	if lines[0] != verifier.Name() {
		check(fmt.Errorf("origin %q", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	return tlog.Tree{N: size, Hash: root}
}

type tiles struct{ dir string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range want {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		path = strings.Replace(path, "tile/data/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(t.dir, path))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func readEntries(t tiles, n, size int64) [][]byte {
	width := 256
	if size-n*256 < 256 {
		width = int(size - n*256)
	}
	tile := tlog.Tile{H: 8, L: -1, N: n, W: width}
	data, err := t.ReadTiles([]tlog.Tile{tile})
	check(err)
	var entries [][]byte
	for rest := data[0]; len(rest) > 0; {
		end := 2 + int(binary.BigEndian.Uint16(rest))
		entries = append(entries, rest[2:end])
		rest = rest[end:]
	}
	if n*256+int64(len(entries)) != bundleEnd(n, size) {
		check(fmt.Errorf("bundle %d has %d entries", n, len(entries)))
	}
	return entries
}

// bundleEnd is the end of the n-th bundle of a log of that size.
func bundleEnd(n, size int64) int64 {
	if (n+1)*256 < size {
		return (n + 1) * 256
	}
	return size
}

// The reader lets no hash through that is not under the root.
func checkEntries(dir string, tree tlog.Tree, n int64, reader tlog.HashReader) {
	entries := readEntries(tiles{dir}, n, tree.N)
	var places []int64
	for i := range entries {
		places = append(places, tlog.StoredHashIndex(0, n*256+int64(i)))
	}
	hashes, err := reader.ReadHashes(places)
	check(err)
	for i, entry := range entries {
		if hashes[i] != tlog.RecordHash(entry) {
			check(fmt.Errorf("entry %d", n*256+int64(i)))
		}
	}
	last := len(entries) - 1
	index := n*256 + int64(last)
	proof, err := tlog.ProveRecord(tree.N, index, reader)
	check(err)
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index,
		tlog.RecordHash(entries[last])))
}

func checkLog(dir, vkey string) tlog.Tree {
	data, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	check(err)
	tree := openCheckpoint(data, vkey)
	if tree.N == 0 {
		return tree
	}
	reader := tlog.TileHashReader(tree, tiles{dir})
	root, err := tlog.TreeHash(tree.N, reader)
	check(err)
	if root != tree.Hash {
		check(fmt.Errorf("another root"))
	}
	for n := int64(0); n*256 < tree.N; n++ {
		checkEntries(dir, tree, n, reader)
	}
	for old := int64(1); old <= tree.N; old += 1 + old/7 {
		oldRoot, err := tlog.TreeHash(old, reader)
		check(err)
		proof, err := tlog.ProveTree(tree.N, old, reader)
		check(err)
		check(tlog.CheckTree(proof, tree.N, tree.Hash, old, oldRoot))
	}
	return tree
}

func checkProof(path, vkey string) {
	data, err := os.ReadFile(path)
	check(err)
	end := strings.Index(string(data), "\n\n")
	lines := strings.Split(string(data[:end]), "\n")
	tree := openCheckpoint(data[end+2:], vkey)
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		check(fmt.Errorf("no proof"))
	}
	record, err := base64.StdEncoding.DecodeString(
		strings.TrimPrefix(lines[1], "extra "))
	check(err)
	index, err := strconv.ParseInt(
		strings.TrimPrefix(lines[2], "index "), 10, 64)
	check(err)
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		check(err)
		proof = append(proof, hash)
	}
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index,
		tlog.RecordHash(record)))
}

func main() {
	tree := checkLog(os.Args[1], os.Args[2])
	for _, path := range os.Args[3:] {
		checkProof(path, os.Args[2])
	}
	fmt.Println("accepted:", tree.N, "entries,", len(os.Args)-3, "proofs")
}
