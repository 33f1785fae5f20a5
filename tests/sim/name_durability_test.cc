// Names are durable when their directory was synced, and not before; a rename is never half done.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <string>

#include "sim/name_tree.h"

namespace gregor::sim {
namespace {

TreeNodeRef file_holding(std::string_view text) {
  auto file = std::make_shared<TreeNode>(false);
  file->body.write(0, bytes_of(text));
  file->body.sync(file->body.mark());
  return file;
}

std::string shown(const NameTree& tree, std::string_view path) {
  const auto found = tree.find(path);
  return found ? std::string(text_of((*found)->body.content().copy())) : "(none)";
}

/// Runs `story` on a fresh tree, fails the power, and collects what `look` sees over many seeds.
template <class Tell, class Look>
std::set<std::string> outcomes(PowerLossContract contract, Tell tell, Look look) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    NameTree tree;
    tell(tree);
    RandomStream stream(seed);
    tree.lose_power(contract, stream);
    seen.insert(look(tree));
  }
  return seen;
}

using Outcomes = std::set<std::string>;

TEST(NameDurability, AnUnsyncedCreationMayVanishThoughItsBytesAreDurable) {
  const auto tell = [](NameTree& tree) { ASSERT_TRUE(tree.add("x", file_holding("bytes"))); };
  const auto look = [](const NameTree& tree) { return shown(tree, "x"); };
  EXPECT_EQ(outcomes(PowerLossContract::any_subset, tell, look), (Outcomes{"(none)", "bytes"}));
}

TEST(NameDurability, ASyncedCreationStays) {
  const auto tell = [](NameTree& tree) {
    ASSERT_TRUE(tree.add("x", file_holding("bytes")));
    tree.sync(tree.root(), tree.mark());
  };
  const auto look = [](const NameTree& tree) { return shown(tree, "x"); };
  EXPECT_EQ(outcomes(PowerLossContract::any_subset, tell, look), (Outcomes{"bytes"}));
}

TEST(NameDurability, ASyncCoversWhatCameBeforeItsMarkAlone) {
  const auto tell = [](NameTree& tree) {
    ASSERT_TRUE(tree.add("x", file_holding("x")));
    const std::uint64_t mark = tree.mark();
    ASSERT_TRUE(tree.add("y", file_holding("y")));
    tree.sync(tree.root(), mark);
  };
  const auto look = [](const NameTree& tree) { return shown(tree, "x") + shown(tree, "y"); };
  EXPECT_EQ(outcomes(PowerLossContract::any_subset, tell, look), (Outcomes{"xy", "x(none)"}));
}

TEST(NameDurability, AReplacingRenameLeavesTheOldOrTheNew) {
  const auto tell = [](NameTree& tree) {
    ASSERT_TRUE(tree.add("x", file_holding("old")));
    ASSERT_TRUE(tree.add("x.tmp", file_holding("new")));
    tree.sync(tree.root(), tree.mark());
    ASSERT_TRUE(tree.rename("x.tmp", "x"));
  };
  const auto look = [](const NameTree& tree) { return shown(tree, "x") + " " + shown(tree, "x.tmp"); };
  EXPECT_EQ(outcomes(PowerLossContract::any_subset, tell, look), (Outcomes{"old new", "new (none)"}));
}

TEST(NameDurability, ARenameOfWhatWasNeverDurableCannotOutliveIt) {
  const auto tell = [](NameTree& tree) {
    ASSERT_TRUE(tree.add("x", file_holding("old")));
    tree.sync(tree.root(), tree.mark());
    ASSERT_TRUE(tree.add("x.tmp", file_holding("new")));
    ASSERT_TRUE(tree.rename("x.tmp", "x"));
  };
  const auto look = [](const NameTree& tree) { return shown(tree, "x") + " " + shown(tree, "x.tmp"); };
  EXPECT_EQ(outcomes(PowerLossContract::any_subset, tell, look), (Outcomes{"old (none)", "old new", "new (none)"}));
}

TEST(NameDurability, AnUnsyncedRemovalMayComeBack) {
  const auto tell = [](NameTree& tree) {
    ASSERT_TRUE(tree.add("x", file_holding("bytes")));
    tree.sync(tree.root(), tree.mark());
    ASSERT_TRUE(tree.remove("x", false));
  };
  const auto look = [](const NameTree& tree) { return shown(tree, "x"); };
  EXPECT_EQ(outcomes(PowerLossContract::any_subset, tell, look), (Outcomes{"(none)", "bytes"}));
}

TEST(NameDurability, SyncingAFilesDirectoryDoesNotNameTheDirectoryItself) {
  const auto tell = [](NameTree& tree) {
    ASSERT_TRUE(tree.add("d", std::make_shared<TreeNode>(true)));
    ASSERT_TRUE(tree.add("d/x", file_holding("bytes")));
    tree.sync(*tree.find("d"), tree.mark());
  };
  const auto look = [](const NameTree& tree) { return shown(tree, "d/x"); };
  EXPECT_EQ(outcomes(PowerLossContract::any_subset, tell, look), (Outcomes{"(none)", "bytes"}));
}

TEST(NameDurability, AMoveBetweenDirectoriesIsDurableOnceEitherIsSynced) {
  for (const std::string_view synced : {"a", "b"}) {
    const auto tell = [&](NameTree& tree) {
      ASSERT_TRUE(tree.add("a", std::make_shared<TreeNode>(true)));
      ASSERT_TRUE(tree.add("b", std::make_shared<TreeNode>(true)));
      tree.sync(tree.root(), tree.mark());
      ASSERT_TRUE(tree.add("a/x", file_holding("bytes")));
      ASSERT_TRUE(tree.rename("a/x", "b/x"));
      tree.sync(*tree.find(synced), tree.mark());
    };
    const auto look = [](const NameTree& tree) { return shown(tree, "a/x") + " " + shown(tree, "b/x"); };
    EXPECT_EQ(outcomes(PowerLossContract::any_subset, tell, look), (Outcomes{"(none) bytes"})) << synced;
  }
}

TEST(NameDurability, TheOrderedContractKeepsAPrefixOfAllNameOperations) {
  const auto tell = [](NameTree& tree) {
    for (const char* name : {"1", "2", "3"}) ASSERT_TRUE(tree.add(name, file_holding(name)));
  };
  const auto look = [](const NameTree& tree) { return shown(tree, "1") + shown(tree, "2") + shown(tree, "3"); };
  EXPECT_EQ(outcomes(PowerLossContract::ordered, tell, look),
            (Outcomes{"(none)(none)(none)", "1(none)(none)", "12(none)", "123"}));
}

RC_GTEST_PROP(NameDurability, ReplacingAFileByTheBookNeverLosesBoth, ()) {
  NameTree tree;
  RC_ASSERT(tree.add("x", file_holding("0")).has_value());
  tree.sync(tree.root(), tree.mark());
  const int rounds = *rc::gen::inRange(1, 6);
  const int stop_at = *rc::gen::inRange(0, rounds * 3);
  int done = 0;
  int step = 0;
  for (int round = 1; round <= rounds && step <= stop_at; ++round) {
    if (step++ < stop_at) {
      RC_ASSERT(tree.add("x.tmp", file_holding(std::to_string(round))).has_value());
    }
    if (step++ < stop_at) {
      RC_ASSERT(tree.rename("x.tmp", "x").has_value());
    }
    if (step++ < stop_at) {
      tree.sync(tree.root(), tree.mark());
      done = round;
    }
  }
  RandomStream stream(*rc::gen::arbitrary<std::uint64_t>());
  tree.lose_power(PowerLossContract::any_subset, stream);
  const std::string found = shown(tree, "x");
  RC_ASSERT(found == std::to_string(done) || found == std::to_string(done + 1));
}

}  // namespace
}  // namespace gregor::sim
