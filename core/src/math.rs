//! The only transcendental functions of the engine.
//!
//! `std`'s `ln`, `exp`, `powf`… call the platform's library and differ in the last bit between
//! native code and WebAssembly. These are pure Rust (`libm`), so every platform computes the same.

/// Natural logarithm.
#[inline]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// Natural logarithm of `1 + x`, exact for small `x`.
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// `e` to the power `x`.
#[inline]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// `e` to the power `x`, minus one, exact for small `x`.
#[inline]
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// `base` to the power `exponent`.
#[inline]
pub fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}

/// Cube root, of negative numbers too.
#[inline]
pub fn cbrt(x: f64) -> f64 {
    libm::cbrt(x)
}

/// Natural logarithm of the gamma function, for `x` > 0.
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The complementary error function, exact in the far tail.
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// The point between `low` and `high` where `is_past` turns from false to true, to the last bit.
///
/// Halving needs nothing but the sign, so it cannot diverge and takes the same steps everywhere.
/// Where `is_past` is never true the answer is `high`, where it always is, next to `low`.
pub fn bisect(mut low: f64, mut high: f64, is_past: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        // Not `<=`: a NaN bound must end the loop as well.
        if !(middle > low && middle < high) {
            return high;
        }
        if is_past(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}
