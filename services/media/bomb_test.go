package media

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"runtime"
	"sync"
	"testing"
)

// allocated is how many bytes fn takes from the heap in all, given back or not.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A picture of some hundred KB that takes 400 MB when it is decoded is kept and never decoded, however many come at once.
func TestPictureBombs(t *testing.T) {
	files, err := Open(t.Context(), t.TempDir(), "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := pngOf(t, 7071, 16)
	if len(bomb) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	took := allocated(func() {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				up, err := files.Take(t.Context(), "picture.png", bytes.NewReader(bomb))
				if err != nil || up.ContentType != "image/png" || up.Thumb != "" {
					t.Errorf("%+v %v", up, err)
				}
			})
		}
		wg.Wait()
	})
	if took > 64<<20 {
		t.Errorf("four of them took %d MB", took>>20)
	}
}

// What is decoded stays within the budget, one at a time.
func TestPicturesTakeTurns(t *testing.T) {
	files, err := Open(t.Context(), t.TempDir(), "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420), nil); err != nil {
		t.Fatal(err)
	}
	done, err := files.turn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	thumbs := make(chan string, 4)
	for range 4 {
		go func() {
			up, err := files.Take(t.Context(), "photo.jpg", bytes.NewReader(photo.Bytes()))
			if err != nil {
				t.Error(err)
			}
			thumbs <- up.Thumb
		}()
	}
	select {
	case <-thumbs:
		t.Error("one was decoded out of its turn")
	default:
	}
	done()
	for range 4 {
		if thumb := <-thumbs; thumb == "" {
			t.Error("a phone's picture got no small one")
		}
	}
	for name, b := range map[string][]byte{"8 bits": pngOf(t, 6000, 8), "16 bits": pngOf(t, 4400, 16)} {
		if took := allocated(func() {
			if picture(b) == nil {
				t.Errorf("%s: not decoded", name)
			}
		}); took > decodeBudget {
			t.Errorf("%s: decoding took %d MB", name, took>>20)
		}
	}
}

// A recording that declares an enormous part is refused without the memory for it.
func TestVoiceBomb(t *testing.T) {
	bomb := "\x1aE\xdf\xa3\x80" + // EBML
		"\x18S\x80g\x01\xff\xff\xff\xff\xff\xff\xff" + // Segment of unknown size
		"\x16T\xaek\x01\xff\xff\xff\xff\xff\xff\xff" + // Tracks
		"\xae\x01\xff\xff\xff\xff\xff\xff\xff" + // TrackEntry
		"c\xa2\x08\x00\x00\x00\x80" // CodecPrivate, 2 GB
	if took := allocated(func() {
		if oggOf(bytes.NewReader([]byte(bomb)), io.Discard) == nil {
			t.Error("it is taken")
		}
	}); took > 16<<20 {
		t.Errorf("it took %d MB", took>>20)
	}
}
