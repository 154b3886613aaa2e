package body

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"
)

const heartRate = `{"resourceType":"Observation","id":"abcdefghij2345672abc","meta":{"versionId":"1","lastUpdated":"2026-11-23T15:00:00Z"},"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}]},"subject":{"reference":"Patient/p000003"},"effectiveDateTime":"2026-11-02T10:07:00Z","valueQuantity":{"value":71,"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"}}`

// packed1 is heartRate as the first programs packed it, with dictionary1.
const packed1 = "KLUv/UIA6QOdACUDAIQBWjZUMTA6MDc6NzFiZWF0cy8vbWluIn19H/z8h4EJEExt8PufY3tNitI9HxYbDX1oUaqqxXlATFVkaHuJlaEuqzU1UG5nAHSAiqAo8zouiRmfN0axxX8zY5BrDOq4ric0cAI="

func TestUnpackWhatEarlierProgramsPacked(t *testing.T) {
	c, err := NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	frame, err := base64.StdEncoding.DecodeString(packed1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Unpack([]byte("before "), frame)
	if err != nil || string(got) != "before "+heartRate {
		t.Errorf("Unpack of a frame with dictionary 1: %s, %v", got, err)
	}
	now := c.Pack(nil, []byte(heartRate))
	if bytes.Equal(now, frame) || len(now) >= len(frame) {
		t.Errorf("packed anew: %d bytes; with dictionary 1 it was %d", len(now), len(frame))
	}
}

func TestPackAndUnpack(t *testing.T) {
	c, err := NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		doc := rapid.SliceOfN(rapid.Byte(), 0, 3000).Draw(t, "bytes")
		if rapid.Bool().Draw(t, "long") { // far longer than dictionary and window
			doc = append(bytes.Repeat(append(doc, heartRate...), 1+(400<<10)/(len(doc)+len(heartRate))), doc...)
		}
		got, err := c.Unpack(nil, c.Pack(nil, doc))
		if err != nil || !bytes.Equal(got, doc) {
			t.Fatalf("%d bytes came back as %d: %v", len(doc), len(got), err)
		}
	})
}

// A dictionary that was released is part of every record that was packed with it. Let an improved one stand beside it.
func TestDictionariesStay(t *testing.T) {
	for name, want := range map[string]string{
		"dictionary1.bin": "c58231fe394b7fd72bc2990edc22da4859a97d1a551cbe85164d1f160b7fa1bb",
		"dictionary2.bin": "d8d261b99f338c85fd7716d9ccb080eccb9357e9f4c0154a5e348611addf9040",
	} {
		d, err := os.ReadFile(name)
		if got := fmt.Sprintf("%x", sha256.Sum256(d)); err != nil || got != want {
			t.Errorf("%s has changed: its hash is %s, not %s (%v)", name, got, want, err)
		}
	}
}
