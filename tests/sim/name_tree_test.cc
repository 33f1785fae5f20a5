#include "sim/name_tree.h"

#include <gtest/gtest.h>

namespace gregor::sim {
namespace {

TreeNodeRef a_file() {
  return std::make_shared<TreeNode>(false);
}
TreeNodeRef a_directory() {
  return std::make_shared<TreeNode>(true);
}

TEST(NameTree, PathsMeanTheSameWithAndWithoutIdleParts) {
  NameTree tree;
  ASSERT_TRUE(tree.add("a", a_directory()));
  ASSERT_TRUE(tree.add("a/x", a_file()));
  EXPECT_EQ(*tree.find("a/x"), *tree.find("/a//./x"));
  EXPECT_EQ(*tree.find("."), tree.root());
}

TEST(NameTree, WhatIsMissingIsSaid) {
  NameTree tree;
  EXPECT_EQ(tree.find("x").error().code, Errc::not_found);
  EXPECT_EQ(tree.add("no/x", a_file()).error().code, Errc::not_found);
  EXPECT_EQ(tree.rename("x", "y").error().code, Errc::not_found);
  EXPECT_EQ(tree.remove("x", false).error().code, Errc::not_found);
}

TEST(NameTree, ARenameReplacesAFileAndNothingElse) {
  NameTree tree;
  const TreeNodeRef moved = a_file();
  ASSERT_TRUE(tree.add("new", moved));
  ASSERT_TRUE(tree.add("old", a_file()));
  ASSERT_TRUE(tree.add("full", a_directory()));
  ASSERT_TRUE(tree.add("full/x", a_file()));
  ASSERT_TRUE(tree.add("empty", a_directory()));
  EXPECT_TRUE(tree.rename("new", "old"));
  EXPECT_EQ(*tree.find("old"), moved);
  EXPECT_FALSE(tree.find("new"));
  EXPECT_EQ(tree.rename("old", "full").error().code, Errc::invalid);
  EXPECT_EQ(tree.rename("empty", "full").error().code, Errc::exists);
  EXPECT_TRUE(tree.rename("full", "empty"));
  EXPECT_TRUE(tree.find("empty/x"));
}

TEST(NameTree, ADirectoryCannotMoveIntoItself) {
  NameTree tree;
  ASSERT_TRUE(tree.add("a", a_directory()));
  ASSERT_TRUE(tree.add("a/b", a_directory()));
  EXPECT_EQ(tree.rename("a", "a/b/c").error().code, Errc::invalid);
}

TEST(NameTree, OnlyEmptyDirectoriesAndOnlyTheRightKindAreRemoved) {
  NameTree tree;
  ASSERT_TRUE(tree.add("a", a_directory()));
  ASSERT_TRUE(tree.add("a/x", a_file()));
  EXPECT_EQ(tree.remove("a", true).error().code, Errc::exists);
  EXPECT_EQ(tree.remove("a", false).error().code, Errc::invalid);
  EXPECT_EQ(tree.remove("a/x", true).error().code, Errc::invalid);
  EXPECT_TRUE(tree.remove("a/x", false));
  EXPECT_TRUE(tree.remove("a", true));
}

TEST(NameTree, ALinkIsAnotherNameOfTheSameFile) {
  NameTree tree;
  ASSERT_TRUE(tree.add("x", a_file()));
  ASSERT_TRUE(tree.link("x", "y"));
  (*tree.find("x"))->body.write(0, bytes_of("shared"));
  EXPECT_EQ((*tree.find("y"))->body.content().size(), 6U);
  EXPECT_EQ(tree.link("x", "y").error().code, Errc::exists);
}

}  // namespace
}  // namespace gregor::sim
