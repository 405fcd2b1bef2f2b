/* qm_judge FILE.wav: what libqm-dsp hears in a mono file, as one line of JSON: the tempo by TempoTrackV2, in beats a
 * minute, and the key by GetKeyMode, with the shares of time that it heard each key.
 *
 * Set up as in QM's own Vamp plugins (qm-vamp-plugins: BeatTrack.cpp, KeyDetect.cpp), which are what people use. */
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <sndfile.h>

#include <dsp/keydetection/GetKeyMode.h>
#include <dsp/onsets/DetectionFunction.h>
#include <dsp/tempotracking/TempoTrackV2.h>

static std::vector<double>
read_file(const char *path, int *rate)
{
	SF_INFO info = {};
	SNDFILE *file = sf_open(path, SFM_READ, &info);

	if (!file || info.channels != 1) {
		std::fprintf(stderr, "qm_judge: %s is no mono sound file\n", path);
		std::exit(1);
	}
	std::vector<double> data(static_cast<size_t>(info.frames));
	sf_readf_double(file, data.data(), info.frames);
	sf_close(file);
	*rate = info.samplerate;
	return data;
}

/* The onset strength, one value each 11.6 ms. */
static std::vector<double>
onset_strength(const std::vector<double> &data, int rate, size_t *step)
{
	DFConfig config = {};

	*step = static_cast<size_t>(rate * 0.01161 + 0.0001);
	config.stepSize = static_cast<unsigned>(*step);
	config.frameLength = 1;
	while (config.frameLength < 2 * *step) config.frameLength *= 2;
	config.DFType = DF_COMPLEXSD;
	config.dbRise = 3;
	config.whiteningRelaxCoeff = config.whiteningFloor = -1;

	DetectionFunction onsets(config);
	std::vector<double> df;

	for (size_t at = 0; at + config.frameLength <= data.size(); at += *step)
		df.push_back(onsets.processTimeDomain(&data[at]));
	/* The first two values are of the start, not of the music; the end is silence. */
	df.erase(df.begin(), df.begin() + std::min<size_t>(2, df.size()));
	while (!df.empty() && df.back() <= 0) df.pop_back();
	return df;
}

static double
tempo(const std::vector<double> &data, int rate)
{
	size_t step;
	std::vector<double> df = onset_strength(data, rate, &step), period, tempi, beats, gaps;

	if (df.size() < 256) return 0;
	TempoTrackV2 tracker(static_cast<float>(rate), step);
	period.resize(df.size());
	tracker.calculateBeatPeriod(df, period, tempi);
	tracker.calculateBeats(df, period, beats);
	for (size_t i = 1; i < beats.size(); i++) gaps.push_back(beats[i] - beats[i - 1]);
	if (gaps.empty()) return 0;
	std::sort(gaps.begin(), gaps.end());
	/* Beats are whole steps: the mean of those near the median is finer than it. */
	double middle = gaps[gaps.size() / 2], sum = 0;
	int n = 0;

	for (double g : gaps)
		if (std::fabs(g - middle) < 0.1 * middle) sum += g, n++;
	return 60.0 * rate / (static_cast<double>(step) * sum / n);
}

/* GetKeyMode says 1 … 12 for C … B major, 13 … 24 for minor, 0 for nothing. */
static void
print_key(const std::vector<double> &data, int rate)
{
	GetKeyMode key(rate, 440, 10, 10);
	size_t block = key.getBlockSize(), hop = key.getHopSize();
	std::vector<double> frame(block);
	int heard[25] = {0}, total = 0;

	for (size_t at = 0; at < data.size(); at += hop, total++) {
		for (size_t i = 0; i < block; i++) frame[i] = at + i < data.size() ? data[at + i] : 0;
		int k = key.process(frame.data());
		if (k > 0 && k <= 24) heard[k]++;
	}
	int best = static_cast<int>(std::max_element(heard + 1, heard + 25) - heard);
	std::printf("\"tonic\":%d,\"minor\":%s,\"share\":%.3f", (best - 1) % 12, best > 12 ? "true" : "false",
		total ? static_cast<double>(heard[best]) / total : 0);
}

int
main(int argc, char **argv)
{
	int rate;

	if (argc != 2) {
		std::fprintf(stderr, "usage: qm_judge FILE.wav\n");
		return 2;
	}
	std::vector<double> data = read_file(argv[1], &rate);
	std::printf("{\"bpm\":%.2f,", tempo(data, rate));
	print_key(data, rate);
	std::printf("}\n");
	return 0;
}
