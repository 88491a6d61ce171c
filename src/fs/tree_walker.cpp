#include "fs/tree_walker.h"

#include <algorithm>

#include "base/translate.h"
#include "fs/walk_node.h"

namespace igudar {

namespace {

// How many names are consumed between two calls that tell the readers so.
constexpr std::size_t kReleaseStep = 512;

}  // namespace

struct TreeWalker::Walk {
  Walk(std::vector<WalkRoot> roots, WalkOptions options, std::stop_token stop)
      : context(std::move(options)),
        tree(with_top(tree_of(std::move(roots), context.nested_roots))),
        read_ahead(context.options.entries_ahead, threads(), std::move(stop)) {
    std::sort(context.nested_roots.begin(), context.nested_roots.end());
    context.read_ahead = &read_ahead;
    descend = std::make_shared<WalkNode>(context, "");
    descend->leads_to_roots = &tree;
  }

  // A root that is the top itself hangs, without a name, below a node that is never given.
  static RootTree with_top(RootTree top) {
    if (!top.whole) return top;
    RootTree above;
    above.children.emplace("", std::move(top));
    return above;
  }

  unsigned threads() const {
    return context.options.threads != 0 ? context.options.threads : std::max(2U, available_processors());
  }

  void enter_directory() {
    const std::shared_ptr<WalkNode> node = std::exchange(descend, nullptr);
    if (!read_ahead.finish(node)) throw Error(ErrorCode::interrupted, tr("the walk was stopped"));
    if (node->problem) report(node->snapshot_path, *node->problem);
    frames.push_back({node, 0});
  }

  void count_consumed() {
    if (++consumed < kReleaseStep) return;
    read_ahead.release(std::exchange(consumed, 0));
  }

  void report(std::string_view at, const Error& error) const {
    if (context.options.on_problem) context.options.on_problem(at, error);
  }

  struct Frame {
    std::shared_ptr<WalkNode> node;
    std::size_t next = 0;
  };

  WalkContext context;
  const RootTree tree;
  std::shared_ptr<WalkNode> descend;  // to be entered before the frames go on
  std::vector<Frame> frames;
  std::string path;
  std::size_t consumed = 0;
  WalkReadAhead read_ahead;  // last: its threads end before what they use
};

TreeWalker::TreeWalker(std::vector<WalkRoot> roots, WalkOptions options, std::stop_token stop)
    : walk_(std::make_unique<Walk>(std::move(roots), std::move(options), std::move(stop))) {}

TreeWalker::~TreeWalker() = default;

bool TreeWalker::next(WalkItem& item) {
  Walk& walk = *walk_;
  for (;;) {
    if (walk.descend) walk.enter_directory();
    if (walk.frames.empty()) return false;
    Walk::Frame& frame = walk.frames.back();
    WalkNode& node = *frame.node;
    if (frame.next == node.children.size()) {
      walk.frames.pop_back();
      continue;
    }
    const std::size_t index = frame.next++;
    WalkNode::Child& child = node.children[index];
    walk.count_consumed();

    const char* name = node.text.c_str() + child.name_at;
    walk.path = node.snapshot_path;
    if (!walk.path.empty()) walk.path += '/';
    walk.path += name;
    if (child.subdirectory) walk.descend = std::move(child.subdirectory);
    if (child.problem != WalkNode::kNoProblem) {
      walk.report(walk.path, node.child_problems[child.problem]);
      continue;
    }
    item.path = walk.path;
    item.stat = child.stat;
    if (node.sources.empty()) {
      item.directory_ = &node.directory;
      item.name_ = name;
    } else {
      item.directory_ = &node.sources[index].directory;
      item.name_ = node.sources[index].name.c_str();
    }
    return true;
  }
}

}  // namespace igudar
