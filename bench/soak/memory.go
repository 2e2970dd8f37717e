package soak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Sample is what a server held at a moment, in bytes.
type Sample struct {
	At       time.Duration // since the load began
	Resident float64
	Heap     float64 // in use by Go
}

// Memory is how a server's memory went: the medians of two tenths of the time, the second (after the first minute of ten) and the
// last.
type Memory struct {
	Samples     []Sample
	After, End  Sample // medians; At is the middle of the window
	Peak        float64
	Growth      float64 // of resident memory, from After to End: 0.1 is a tenth more
	LongEnough  bool    // to say that memory is flat
	windowWidth time.Duration
}

// judgedFrom is the shortest load after which growth of memory is a finding; what is shorter ends while caches still fill.
const judgedFrom = 5 * time.Minute

// growthLimit is how much more memory may be in use at the end.
const growthLimit = 0.10

// sampleEvery is a hundredth of a load, and five seconds at most.
func sampleEvery(length time.Duration) time.Duration { return min(5*time.Second, length/100) }

// sampler asks a server for its memory now and then.
type sampler struct {
	stop    context.CancelFunc
	done    sync.WaitGroup
	samples []Sample
	failure error
}

// startSampler samples the /metrics of a control port until it is stopped.
func startSampler(ctx context.Context, control string, every time.Duration) *sampler {
	ctx, cancel := context.WithCancel(ctx)
	s := &sampler{stop: cancel}
	s.done.Go(func() {
		began, ticks := time.Now(), time.NewTicker(every)
		defer ticks.Stop()
		client := &http.Client{Timeout: callLimit}
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
			sample, err := readSample(ctx, client, control)
			if err != nil {
				if ctx.Err() == nil {
					s.failure = errors.Join(s.failure, err)
				}
				return
			}
			sample.At = time.Since(began)
			s.samples = append(s.samples, sample)
		}
	})
	return s
}

// memory ends the sampling and sums up a load of that length.
func (s *sampler) memory(length time.Duration) (Memory, error) {
	s.stop()
	s.done.Wait()
	if s.failure != nil || len(s.samples) == 0 {
		return Memory{}, errors.Join(s.failure, errors.New("the server's memory could not be read"))
	}
	return MemoryOf(s.samples, length), nil
}

// MemoryOf sums up the samples, one at least, of a load of that length.
func MemoryOf(samples []Sample, length time.Duration) Memory {
	m := Memory{Samples: samples, LongEnough: length >= judgedFrom, windowWidth: length / 10}
	m.After, m.End = m.median(length/10), m.median(length-length/10)
	for _, s := range samples {
		m.Peak = max(m.Peak, s.Resident)
	}
	m.Growth = m.End.Resident/m.After.Resident - 1
	return m
}

// median of the samples from then on; where a short load has none, of the nearest.
func (m Memory) median(from time.Duration) Sample {
	var resident, heap []float64
	for _, s := range m.Samples {
		if s.At >= from && s.At < from+m.windowWidth {
			resident, heap = append(resident, s.Resident), append(heap, s.Heap)
		}
	}
	if len(resident) == 0 {
		return slices.MinFunc(m.Samples, func(a, b Sample) int { return int((a.At - from).Abs() - (b.At - from).Abs()) })
	}
	slices.Sort(resident)
	slices.Sort(heap)
	return Sample{At: from + m.windowWidth/2, Resident: resident[len(resident)/2], Heap: heap[len(heap)/2]}
}

// Err is a finding where memory grew.
func (m Memory) Err() error {
	if m.LongEnough && m.Growth > growthLimit {
		return fmt.Errorf("memory has grown by %.0f %% since the first minute", 100*m.Growth)
	}
	return nil
}

// String names both medians, the growth and the peak.
func (m Memory) String() string {
	mb := func(bytes float64) float64 { return bytes / (1 << 20) }
	return fmt.Sprintf("%.0f MB resident (%.0f MB heap) after the first tenth, %.0f MB (%.0f MB) at the end: %+.1f %%; peak %.0f MB, %d samples",
		mb(m.After.Resident), mb(m.After.Heap), mb(m.End.Resident), mb(m.End.Heap), 100*m.Growth, mb(m.Peak), len(m.Samples))
}

func readSample(ctx context.Context, client *http.Client, control string) (Sample, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, control+"/metrics", nil)
	if err != nil {
		return Sample{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return Sample{}, err
	}
	defer response.Body.Close()
	var s Sample
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), " ")
		switch name {
		case "process_resident_memory_bytes":
			s.Resident, err = strconv.ParseFloat(value, 64)
		case "go_memstats_heap_inuse_bytes":
			s.Heap, err = strconv.ParseFloat(value, 64)
		}
		if err != nil {
			return s, err
		}
	}
	if s.Resident == 0 || s.Heap == 0 {
		return s, fmt.Errorf("%s/metrics names no memory: its system is not one whose processes can be asked", control)
	}
	return s, nil
}
