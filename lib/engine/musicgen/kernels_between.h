/* The second half of kernels_body.h: what lies between the matrices. */

/* Values i … of n, zeros beyond them. */
INLINE v16
get(const float *x, size_t n, size_t i)
{
	return i + LANES <= n ? v_f32(x + i) : load_some(WEIGHTS_F32, x, i, (int)(n - i));
}

INLINE void
put(float *x, size_t n, size_t i, v16 v)
{
	float some[LANES];

	if (i + LANES <= n) {
		v_store(x + i, v);
		return;
	}
	v_store(some, v);
	memcpy(x + i, some, (n - i) * sizeof *x);
}

/* To the nearest whole number, of two the even one; |v| < 2^22. What is added leaves no bits for
 * fractions. */
INLINE v16
nearest(v16 v)
{
	const v16 large = v_all(0x1.8p23f);

	return v_sub(v_add(v, large), large);
}

/* 2^n · e^r with r within ±ln 2 / 2, ln 2 in two parts (Cody and Waite); e^r by its Taylor series,
 * whose eighth term is below 2^-25 there. 0 below -87, as is what is no number; no more than
 * e^88. */
INLINE v16
exponential(v16 x)
{
	static const float terms[] = { 1.0f / 120, 1.0f / 24, 1.0f / 6, 1.0f / 2, 1.0f, 1.0f };
	v16 low = v_all(-87.0f), high = v_all(88.0f), n, r, p = v_all(1.0f / 720);
	v16 in = v_positive(v_sub(x, high), high, v_max(x, low));

	n = nearest(v_mul(in, v_all(1.44269504f)));
	r = v_fma(n, v_all(2.12194440e-4f), v_fma(n, v_all(-0.693359375f), in));
	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) p = v_fma(p, r, v_all(terms[i]));
	return v_positive(v_sub(x, low), v_mul(p, v_power(n)), v_zero());
}

/* Abramowitz and Stegun, 7.1.26: within 1.5e-7. */
INLINE v16
error_function(v16 x)
{
	static const float terms[] = { -1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f };
	v16 minus = v_sub(v_zero(), x), a = v_max(x, minus), one = v_all(1.0f), y;
	v16 t = v_div(one, v_fma(v_all(0.3275911f), a, one)), p = v_all(1.061405429f);

	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) p = v_fma(p, t, v_all(terms[i]));
	y = v_sub(one, v_mul(v_mul(t, p), exponential(v_mul(minus, x))));
	return v_positive(x, y, v_sub(v_zero(), y));
}

INLINE v16
sigmoid(v16 x)
{
	v16 one = v_all(1.0f);

	return v_div(one, v_add(one, exponential(v_sub(v_zero(), x))));
}

INLINE v16
hyperbolic_tangent(v16 x)
{
	v16 one = v_all(1.0f), two = v_all(2.0f);

	return v_sub(one, v_div(two, v_add(exponential(v_mul(two, x)), one)));
}

/* The largest lane, or least (a number below all others). */
INLINE float
largest(v16 v, float least)
{
	float f[LANES];

	v_store(f, v);
	for (int i = 0; i < LANES; i++)
		if (f[i] > least) least = f[i];
	return least;
}

static float
whole(const float *x, size_t n, int16_t *out)
{
	v16 most = v_zero(), factor;
	float top;

	for (size_t i = 0; i < n; i += LANES) {
		v16 v = get(x, n, i);

		most = v_max(most, v_max(v, v_sub(v_zero(), v)));
	}
	top = largest(most, 0);
	factor = v_all(top > 0 ? 32767.0f / top : 0.0f);
	for (size_t i = 0; i < n; i += LANES) {
		v16 v = nearest(v_mul(get(x, n, i), factor));
		int16_t some[LANES];

		if (i + LANES <= n) {
			v_store_whole(out + i, v);
			continue;
		}
		v_store_whole(some, v);
		memcpy(out + i, some, (n - i) * sizeof *out);
	}
	return top / 32767.0f;
}

static void
halve(const float *x, size_t n, uint16_t *out)
{
	size_t i = 0;

	for (; i + LANES <= n; i += LANES) v_store_f16(out + i, v_f32(x + i));
	for (; i < n; i++) out[i] = float_to_half(x[i]);
}

static void
gelu(float *x, size_t n)
{
	for (size_t i = 0; i < n; i += LANES) {
		v16 v = get(x, n, i), half = v_mul(v_all(0.5f), v);

		put(x, n, i, v_fma(half, error_function(v_mul(v, v_all(0.707106781f))), half));
	}
}

static void
elu(float *x, size_t n)
{
	for (size_t i = 0; i < n; i += LANES) {
		v16 v = get(x, n, i);

		put(x, n, i, v_positive(v, v, v_sub(exponential(v), v_all(1.0f))));
	}
}

static void
softmax(float *x, size_t n)
{
	size_t whole_n = n / LANES * LANES;
	float top = -INFINITY, last[LANES];
	v16 most = v_all(-INFINITY), sum = v_zero(), shift;

	for (size_t i = 0; i < LANES; i++) last[i] = whole_n + i < n ? x[whole_n + i] : -INFINITY;
	for (size_t i = 0; i < whole_n; i += LANES) most = v_max(v_f32(x + i), most);
	top = largest(v_max(v_f32(last), most), top);
	shift = v_all(top);
	for (size_t i = 0; i < n; i += LANES) {
		v16 v = exponential(v_sub(v_f32(i < whole_n ? x + i : last), shift));

		sum = v_add(sum, v);
		put(x, n, i, v);
	}
	sum = v_all(v_sum(sum));
	for (size_t i = 0; i < n; i += LANES) put(x, n, i, v_div(get(x, n, i), sum));
}

/* 1 / √(Σ (x - mean)² / n + epsilon) */
INLINE float
spread(const float *x, size_t n, float mean, float epsilon)
{
	v16 squares = v_zero(), middle = v_all(mean);
	size_t i = 0;
	float last[LANES];

	for (; i + LANES <= n; i += LANES) {
		v16 d = v_sub(v_f32(x + i), middle);

		squares = v_fma(d, d, squares);
	}
	for (size_t k = 0; k < LANES; k++) last[k] = i + k < n ? x[i + k] - mean : 0;
	squares = v_fma(v_f32(last), v_f32(last), squares);
	return (float)(1 / sqrt((double)v_sum(squares) / (double)n + (double)epsilon));
}

static void
layer_norm(const float *x, size_t n, const float *weight, const float *bias, float epsilon,
	float *y)
{
	v16 sum = v_zero(), middle, scale;
	float mean;

	for (size_t i = 0; i < n; i += LANES) sum = v_add(sum, get(x, n, i));
	mean = (float)((double)v_sum(sum) / (double)n);
	middle = v_all(mean);
	scale = v_all(spread(x, n, mean, epsilon));
	for (size_t i = 0; i < n; i += LANES) {
		v16 v = v_mul(v_sub(get(x, n, i), middle), scale);

		put(y, n, i, v_fma(v, get(weight, n, i), get(bias, n, i)));
	}
}

static void
rms_norm(const float *x, size_t n, const float *weight, float epsilon, float *y)
{
	v16 scale = v_all(spread(x, n, 0, epsilon));

	for (size_t i = 0; i < n; i += LANES)
		put(y, n, i, v_mul(v_mul(get(x, n, i), scale), get(weight, n, i)));
}

static void
lstm(const float *gates, size_t stride, size_t n, float *cell, float *hidden)
{
	for (size_t i = 0; i < n; i += LANES) {
		v16 input = sigmoid(get(gates, n, i)), forget = sigmoid(get(gates + stride, n, i));
		v16 new = hyperbolic_tangent(get(gates + 2 * stride, n, i));
		v16 c = v_fma(forget, get(cell, n, i), v_mul(input, new));

		put(cell, n, i, c);
		put(hidden, n, i, v_mul(sigmoid(get(gates + 3 * stride, n, i)),
			hyperbolic_tangent(c)));
	}
}
