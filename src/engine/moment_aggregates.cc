// Central moments of one and two columns. The sums are updated as Spark updates them, so that the last digits agree.
#include <cmath>
#include <optional>

#include "engine/aggregate_function.h"

namespace flare::engine {
namespace {

struct Moments {
  double count = 0;
  double mean = 0;
  double m2 = 0;
  double m3 = 0;
  double m4 = 0;
};

void Add(Moments& s, double value) {
  s.count += 1;
  double delta = value - s.mean;
  double step = delta / s.count;
  double m2 = s.m2;
  double m3 = s.m3;
  s.mean += step;
  s.m2 = m2 + delta * (delta - step);
  double square = delta * delta;
  double step_square = step * step;
  s.m3 = m3 - 3.0 * step * s.m2 + delta * (square - step_square);
  s.m4 = s.m4 - 4.0 * step * s.m3 - 6.0 * step_square * s.m2 + delta * (delta * square - step * step_square);
}

void Merge(Moments& a, const Moments& b) {
  if (b.count == 0) return;
  if (a.count == 0) {
    a = b;
    return;
  }
  double n = a.count + b.count;
  double delta = b.mean - a.mean;
  double step = delta / n;
  Moments out;
  out.count = n;
  out.mean = a.mean + step * b.count;
  out.m2 = a.m2 + b.m2 + delta * step * a.count * b.count;
  out.m3 = a.m3 + b.m3 + step * step * delta * a.count * b.count * (a.count - b.count) + 3.0 * step * (a.count * b.m2 - b.count * a.m2);
  out.m4 = a.m4 + b.m4 + step * step * step * delta * a.count * b.count * (a.count * a.count - a.count * b.count + b.count * b.count) +
           6.0 * step * step * (a.count * a.count * b.m2 + b.count * b.count * a.m2) + 4.0 * step * (a.count * b.m3 - b.count * a.m3);
  a = out;
}

using Number = std::optional<double>;

Number VariancePopulation(const Moments& s) { return s.count == 0 ? Number() : s.m2 / s.count; }
Number VarianceSample(const Moments& s) { return s.count < 2 ? Number() : s.m2 / (s.count - 1); }
Number DeviationPopulation(const Moments& s) { return s.count == 0 ? Number() : std::sqrt(s.m2 / s.count); }
Number DeviationSample(const Moments& s) { return s.count < 2 ? Number() : std::sqrt(s.m2 / (s.count - 1)); }
Number Skewness(const Moments& s) {
  return s.count == 0 || s.m2 == 0 ? Number() : std::sqrt(s.count) * s.m3 / std::sqrt(s.m2 * s.m2 * s.m2);
}
Number Kurtosis(const Moments& s) { return s.count == 0 || s.m2 == 0 ? Number() : s.count * s.m4 / (s.m2 * s.m2) - 3.0; }

void Write(Number value, duckdb_vector result, uint64_t row) {
  ValueWriter<double> writer(result);
  if (value.has_value()) {
    writer.Set(row, *value);
  } else {
    writer.SetNull(row);
  }
}

template <Number (*kResult)(const Moments&)>
struct MomentAggregate {
  using State = Moments;
  struct Input {
    explicit Input(duckdb_data_chunk chunk) : values(duckdb_data_chunk_get_vector(chunk, 0)) {}
    ValueReader<double> values;
  };
  static void Update(State& state, const Input& input, uint64_t row) {
    if (!input.values.IsNull(row)) Add(state, input.values[row]);
  }
  static void Combine(State& to, const State& from) { Merge(to, from); }
  static void Finalize(const State& state, duckdb_vector result, uint64_t row) { Write(kResult(state), result, row); }
};

/// Two columns side by side: their means, their squares and their products around the means.
struct Pairs {
  double count = 0;
  double x = 0;
  double y = 0;
  double xy = 0;
  double xx = 0;
  double yy = 0;
};

void AddPair(Pairs& s, double x, double y) {
  s.count += 1;
  double dx = x - s.x;
  double dy = y - s.y;
  double dx_step = dx / s.count;
  double dy_step = dy / s.count;
  s.x += dx_step;
  s.y += dy_step;
  s.xy += dx * (y - s.y);
  s.xx += dx * (x - s.x);
  s.yy += dy * (y - s.y);
}

void MergePairs(Pairs& a, const Pairs& b) {
  if (b.count == 0) return;
  if (a.count == 0) {
    a = b;
    return;
  }
  double n = a.count + b.count;
  double dx = b.x - a.x;
  double dy = b.y - a.y;
  double dx_step = dx / n;
  double dy_step = dy / n;
  Pairs out;
  out.count = n;
  out.x = a.x + dx_step * b.count;
  out.y = a.y + dy_step * b.count;
  out.xy = a.xy + b.xy + dx * dy_step * a.count * b.count;
  out.xx = a.xx + b.xx + dx * dx_step * a.count * b.count;
  out.yy = a.yy + b.yy + dy * dy_step * a.count * b.count;
  a = out;
}

Number Correlation(const Pairs& s) {
  double divisor = std::sqrt(s.xx * s.yy);
  return s.count < 2 || divisor == 0 ? Number() : s.xy / divisor;
}
Number CovariancePopulation(const Pairs& s) { return s.count == 0 ? Number() : s.xy / s.count; }
Number CovarianceSample(const Pairs& s) { return s.count < 2 ? Number() : s.xy / (s.count - 1); }
Number AverageX(const Pairs& s) { return s.count == 0 ? Number() : s.x; }
Number AverageY(const Pairs& s) { return s.count == 0 ? Number() : s.y; }
Number SquaresX(const Pairs& s) { return s.count == 0 ? Number() : s.xx; }
Number SquaresY(const Pairs& s) { return s.count == 0 ? Number() : s.yy; }
Number Products(const Pairs& s) { return s.count == 0 ? Number() : s.xy; }
Number Slope(const Pairs& s) { return s.xx == 0 ? Number() : s.xy / s.xx; }
Number Intercept(const Pairs& s) { return s.xx == 0 ? Number() : s.y - s.xy / s.xx * s.x; }
Number Determination(const Pairs& s) {
  if (s.xx == 0) return Number();
  return s.yy == 0 ? 1.0 : s.xy * s.xy / s.xx / s.yy;
}

/// Arguments (y, x), as in SQL's regr_ functions.
template <Number (*kResult)(const Pairs&)>
struct PairAggregate {
  using State = Pairs;
  struct Input {
    explicit Input(duckdb_data_chunk chunk) : y(duckdb_data_chunk_get_vector(chunk, 0)), x(duckdb_data_chunk_get_vector(chunk, 1)) {}
    ValueReader<double> y;
    ValueReader<double> x;
  };
  static void Update(State& state, const Input& input, uint64_t row) {
    if (!input.y.IsNull(row) && !input.x.IsNull(row)) AddPair(state, input.x[row], input.y[row]);
  }
  static void Combine(State& to, const State& from) { MergePairs(to, from); }
  static void Finalize(const State& state, duckdb_vector result, uint64_t row) { Write(kResult(state), result, row); }
};

duckdb_logical_type Double() { return duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE); }

template <Number (*kResult)(const Moments&)>
AggregateFunction OfOne(std::string name) {
  return MakeAggregate<MomentAggregate<kResult>>(std::move(name), {DUCKDB_TYPE_DOUBLE}, Double);
}
template <Number (*kResult)(const Pairs&)>
AggregateFunction OfTwo(std::string name) {
  return MakeAggregate<PairAggregate<kResult>>(std::move(name), {DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE}, Double);
}

}  // namespace

std::vector<AggregateFunction> MomentAggregates() {
  return {
      OfOne<VariancePopulation>("spark_var_pop"),   OfOne<VarianceSample>("spark_var_samp"),
      OfOne<DeviationPopulation>("spark_stddev_pop"), OfOne<DeviationSample>("spark_stddev_samp"),
      OfOne<Skewness>("spark_skewness"),            OfOne<Kurtosis>("spark_kurtosis"),
      OfTwo<Correlation>("spark_corr"),             OfTwo<CovariancePopulation>("spark_covar_pop"),
      OfTwo<CovarianceSample>("spark_covar_samp"),  OfTwo<AverageX>("spark_regr_avgx"),
      OfTwo<AverageY>("spark_regr_avgy"),           OfTwo<SquaresX>("spark_regr_sxx"),
      OfTwo<SquaresY>("spark_regr_syy"),            OfTwo<Products>("spark_regr_sxy"),
      OfTwo<Slope>("spark_regr_slope"),             OfTwo<Intercept>("spark_regr_intercept"),
      OfTwo<Determination>("spark_regr_r2"),
  };
}

}  // namespace flare::engine
