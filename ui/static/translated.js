// What the program tells in English, its checks' findings and what it is at, in the language of the interface.

import { interfaceLanguage } from "./words.js";

/** Chinese of what the program tells, `$1` and `$2` being what it tells it of. tests/test_page_words.py keeps it complete. */
const CHINESE = [
  // Findings of the checks.
  [/^(.+): not in the source$/, "$1：来源里没有"],
  [/^a part of it is in no source$/, "其中一部分来源里没有"],
  [/^no one source tells this of one thing$/, "没有一处来源说的是同一件事"],
  [/^(\d+) things were asked for$/, "问的是 $1 样"],
  [/^the day is that of the document$/, "那是文件自己的日期"],
  [/^it breaks off$/, "话没有说完"],
  [/^it only repeats the question$/, "只是重复了问题"],
  [/^a reason was asked for$/, "问的是原因或做法"],
  [/^a number was asked for$/, "问的是数字"],
  [/^one figure was asked for$/, "问的只是一个数"],
  [/^a time was asked for$/, "问的是时间"],
  [/^a day was asked for$/, "问的是哪一天"],
  [/^a person was asked for$/, "问的是人"],
  [/^a place was asked for$/, "问的是地点"],
  [/^several answers were asked for$/, "问的不止一项"],
  [/^something else is counted$/, "数的是别的"],
  [/^an amount of money was asked for$/, "问的是金额"],
  [/^an area was asked for$/, "问的是面积"],
  [/^a length was asked for$/, "问的是长度"],
  [/^a weight was asked for$/, "问的是重量"],
  [/^a percentage was asked for$/, "问的是百分比"],
  [/^how many times was asked for$/, "问的是倍数"],
  [/^a number of things was asked for$/, "问的是数量"],
  [/^the average was asked for$/, "问的是平均数"],
  [/^the source says something else$/, "来源说的是别的"],
  [/^the source takes it back$/, "来源后来更正了这一点"],
  [/^the source tells a plan$/, "来源说的是计划，不是结果"],
  [/^the source gives a first estimate$/, "来源给的是初步数字"],
  [/^the source gives it as it was before$/, "来源给的是从前的数字"],
  [/^the source only compares with that year$/, "来源只是拿那一年来比较"],
  [/^the source compares with another year$/, "来源是和别的年份比较"],
  [/^the source is about another year$/, "来源说的是别的年份"],
  [/^the source is about another part of the year$/, "来源说的是一年中的另一段时间"],
  [/^the source does not say of which part of the year$/, "来源没有说是一年中的哪段时间"],
  [/^the source is about one of the years alone$/, "来源只说到其中一年"],
  [/^the source is about one of the days alone$/, "来源只说到其中一天"],
  [/^the source is about another day$/, "来源说的是别的日子"],
  [/^the source is about another place$/, "来源说的是别的地方"],
  [/^the source is about another figure$/, "来源说的是别的指标"],
  [/^the source is about another phase$/, "来源说的是另一期工程"],
  [/^the source is about another class$/, "来源说的是别的等级"],
  [/^the source is about another one of that kind$/, "来源说的是同类中的另一个"],
  [/^the source is about another item of its list$/, "来源说的是清单里的另一项"],
  [/^the source tells of another event$/, "来源说的是另一件事"],
  [/^the source gives this figure for something else$/, "来源里这个数说的是别的"],
  [/^the source gives it for each unit$/, "来源里是每一单位的数"],
  [/^the source names this money for something else$/, "来源里这笔钱是另有用途的"],
  [/^the source tells how many there are, not how many were added$/, "来源说的是总数，不是新增的"],
  [/^the source tells it of more than was asked about$/, "来源说的范围比所问的大"],
  [/^the source does not say who took the picture$/, "来源没有说照片是谁拍的"],
  [/^the source does not speak of what the question quotes$/, "来源没有提到问题里引用的内容"],
  [/^the source does not speak of each that the answer names$/, "来源没有提到答案里的每一项"],
  [/^the source is not the report that was asked for$/, "来源不是所问的那份报告"],
  // What it is at.
  [/^loading the embedding model$/, "加载检索模型"],
  [/^loading the generator$/, "加载生成模型"],
  [/^reading documents$/, "读取文档"],
  [/^computing vectors$/, "计算向量"],
  [/^fetching (\S+)$/, "下载 $1"],
  [/^fetching (\S+) from the model hub$/, "从模型仓库下载 $1"],
  [/^another process is fetching (\S+); waiting for it$/, "另一个进程正在下载 $1，等它完成"],
  [/^checking (\S+)$/, "校验 $1"],
  [/^unpacking (\S+)$/, "解压 $1"],
  [/^converting (\S+)$/, "转换 $1"],
];

/** What the program told, in the language of the interface; as it was told where the table lacks it. */
export function translated(told) {
  if (interfaceLanguage() !== "zh") return told;
  const known = CHINESE.find(([form]) => form.test(told));
  return known ? told.replace(...known) : told;
}
