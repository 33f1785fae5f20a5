#include "observe/exposition.h"

#include <gtest/gtest.h>

namespace gregor::observe {
namespace {

TEST(Exposition, AFamilyStandsUnderOneHelpAndType) {
  Exposition text;
  text.family("kafka_server_replicamanager_partitioncount", MetricType::gauge, "Partitions on this node.");
  text.sample({}, 12);
  text.family("x_total", MetricType::counter, "Two\nlines \\ one");
  text.sample({{"topic", "a"}}, 1);
  text.sample({{"topic", "b"}, {"partition", "0"}}, 2);
  EXPECT_EQ(text.take(),
            "# HELP kafka_server_replicamanager_partitioncount Partitions on this node.\n"
            "# TYPE kafka_server_replicamanager_partitioncount gauge\n"
            "kafka_server_replicamanager_partitioncount 12\n"
            "# HELP x_total Two\\nlines \\\\ one\n"
            "# TYPE x_total counter\n"
            "x_total{topic=\"a\"} 1\n"
            "x_total{topic=\"b\",partition=\"0\"} 2\n");
}

TEST(Exposition, ALabelFromOutsideCannotForgeASample) {
  Exposition text;
  text.family("x", MetricType::gauge, "");
  text.sample({{"client", "a\"} 1\nforged 2 \\"}}, 3);
  EXPECT_EQ(text.take(), "# HELP x \n# TYPE x gauge\nx{client=\"a\\\"} 1\\nforged 2 \\\\\"} 3\n");
}

TEST(Exposition, BucketsAreCumulativeAndInMilliseconds) {
  Histogram took;
  took.add(std::chrono::microseconds(31));
  took.add(std::chrono::microseconds(1500));
  took.add(std::chrono::hours(1));
  Exposition text;
  text.family("t", MetricType::histogram, "");
  text.sample({{"request", "Fetch"}}, took);
  const std::string all = text.take();
  EXPECT_NE(all.find("t_bucket{request=\"Fetch\",le=\"0.031\"} 1\n"), std::string::npos) << all;
  EXPECT_NE(all.find("t_bucket{request=\"Fetch\",le=\"1\"} 1\n"), std::string::npos) << all;
  EXPECT_NE(all.find("t_bucket{request=\"Fetch\",le=\"2\"} 2\n"), std::string::npos) << all;
  EXPECT_NE(all.find("t_bucket{request=\"Fetch\",le=\"65536\"} 2\n"), std::string::npos) << all;
  EXPECT_NE(all.find("t_bucket{request=\"Fetch\",le=\"+Inf\"} 3\n"), std::string::npos) << all;
  EXPECT_NE(all.find("t_sum{request=\"Fetch\"} 3600001.531\nt_count{request=\"Fetch\"} 3\n"), std::string::npos) << all;
}

}  // namespace
}  // namespace gregor::observe
