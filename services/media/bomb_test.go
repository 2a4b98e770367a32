package media

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// allocated is how many bytes fn allocates on the heap in total, including freed ones.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A picture of some hundred KB that would need 400 MB when decoded is stored and never decoded, even if many arrive at
// once.
func TestPictureBombs(t *testing.T) {
	files, err := Open(Location{Dir: t.TempDir()}, nil, nil)
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

// Pictures are decoded one at a time; the others wait.
func TestPicturesTakeTurns(t *testing.T) {
	var photo bytes.Buffer
	whole := image.NewYCbCr(image.Rect(0, 0, 4000, 3000), image.YCbCrSubsampleRatio420)
	if err := jpeg.Encode(&photo, whole, nil); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		files, err := Open(Location{Dir: t.TempDir()}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		done, err := files.turn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		const many = 4
		thumbs := make(chan string, many)
		for range many {
			go func() {
				up, err := files.Take(t.Context(), "photo.jpg", bytes.NewReader(photo.Bytes()))
				if err != nil {
					t.Error(err)
					thumbs <- ""
					return
				}
				thumbs <- up.Thumb
			}()
		}
		synctest.Wait() // until each waits for its turn, or has finished without waiting
		if n := len(thumbs); n != 0 {
			t.Errorf("%d were decoded out of their turn", n)
		}
		done()
		for range many {
			if thumb := <-thumbs; thumb == "" {
				t.Error("a phone's picture got no small one")
			}
		}
	})
}

// Decoding stays within the memory budget.
func TestPicturesStayWithinTheBudget(t *testing.T) {
	for name, b := range map[string][]byte{
		"8 bits":      pngOf(t, 6000, 8),
		"16 bits":     pngOf(t, 4400, 16),
		"progressive": jpegOf(t, jpegForm{w: 4000, h: 3000, channels: y444, progressive: true}),
	} {
		if took := allocated(func() {
			if picture(b) == nil {
				t.Errorf("%s: not decoded", name)
			}
		}); took > decodeBudget {
			t.Errorf("%s: decoding took %d MB", name, took>>20)
		}
	}
}

// A recording that declares an enormous part is refused without allocating memory for it.
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
