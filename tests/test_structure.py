"""What keeps articles apart and tells which headline a passage stands under."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cleaning import clean
from index.structure import Section, document_title, sections

lines = st.text(st.sampled_from("图书馆，。一二、（）第章1.#本报讯新华社摄 \n记者："), max_size=150)


def headings_of(text: str, phrase: str) -> tuple[str, ...]:
    """The headings of the section that holds the phrase."""
    return section_of(text, phrase).headings


def section_of(text: str, phrase: str) -> Section:
    position = text.index(phrase)
    return next(section for section in sections(text) if section.start <= position < section.end)


@given(lines)
def test_sections_tile_the_text(text: str) -> None:
    cleaned = clean(text).text
    position = 0
    for section in sections(cleaned):
        assert section.start == position < section.end
        position = section.end
    assert position == len(cleaned)


@given(lines)
def test_articles_are_numbered_in_reading_order(text: str) -> None:
    numbers = [section.article for section in sections(clean(text).text)]
    assert numbers == sorted(numbers)


def test_empty_text_has_no_sections() -> None:
    assert sections("") == []
    assert document_title("") is None


@pytest.mark.parametrize(
    ("phrase", "headline"),
    [
        ("周交办会议召开。市委常委", "全力以赴拼经济 优化环境护发展"),
        ("园林绿化工作事关城市形象品位", "抢抓黄金时节加压奋进 掀起绿化项目建设热潮"),
        ("图书流动服务车开进东湖翡翠小区", "图书服务车进小区 助力书香社区建设"),
        ("参展客商签订购销合同2300万元", "长葛市举行食品行业产销对接会 现场签约合同金额3400万元"),
        ("加快许昌自贸联动区建设", "全市自贸试验区经验 复制推广工作座谈会召开"),
        ("着力强引擎，打造一流创新生态", "经开区：奋力开创高质量发展新局面"),
        ("魏都区人武部上校政治委员聂广军表示", "市委宣讲团在魏都区2023年上半年预定新兵集训点举行宣讲报告会"),
        ("为垣铮公司争取到100多万元低息贷款", "构建新型政商关系 打造廉洁营商环境"),
    ],
)
def test_each_article_of_the_newspaper_page_has_its_own_headline_though_it_stands_below(
    seed_texts: dict[str, str], phrase: str, headline: str
) -> None:
    assert headings_of(clean(seed_texts["002"]).text, phrase)[0].startswith(headline)


# How each page was divided by a reader: of every article its headline, and how it begins and ends.
ARTICLES = {
    "000": [
        (None, "12月28日上午，市委经济工作会议召开。", "上讲话。本报记者 牛书培摄"),
        ("锚定目标 勇毅前行", "回望过往的奋斗路", "锚定目标 勇毅前行"),
        (
            "实现城乡融合共同富裕先行试验区建设提质提速提效",
            "本报讯（记者 王利辉 高伟山）",
            "马正兰王堃等出席",
        ),
        ("刘涛主持召开市政府常务会议", "本报讯（记者 王利辉）12月28日", "污染防治重点任务落实等工作"),
    ],
    "001": [
        ("許昌:全力以赴拼經濟", "許昌:全力以赴拼經濟", "推進中國式現代化建設許昌實踐。"),
        ("許昌:全力以赴拼經濟", "拼的基礎", "養老服務體系更加完善。"),
        ("許昌:全力以赴拼經濟", "拼的目標", "打開事業發展新天地。"),
        ("許昌:全力以赴拼經濟", "拼的行動", "篇章貢獻許昌力量。(記者 王平)"),
        ("許昌:全力以赴拼經濟", "編輯:仝瑞勤", "新聞\n文娛\n體育\n環創\n城市"),
    ],
    "002": [
        ("全力以赴拼经济 优化环境护发展", "全力以赴拼经济", "张庆一卢希望等参加"),
        ("抢抓黄金时节加压奋进", "本报讯（记者 胡晨）", "掀起绿化项目建设热潮"),
        ("图书服务车进小区", "本报讯（程鹏飞）", "助力书香社区建设"),
        ("长葛市举行食品行业产销对接会", "本报讯（记者 付家宝）为搭建", "现场签约合同金额3400万元"),
        ("全市自贸试验区经验", "本报讯（记者 付家宝）3月10日", "复制推广工作座谈会召开"),
        ("经开区：奋力开创高质量发展新局面", "本报讯（记者 苏杭", "经开区：奋力开创高质量发展新局面"),
        ("市委宣讲团在魏都区", "本报讯（记者张辉）3月9日", "学思践悟凝聚力量 不负时代勇毅前行"),
        (None, "3月10日，市区街头，市政工人", "本报记者 乔利峰摄"),
        ("构建新型政商关系", "近期，我市印发了", "本报记者 王金伟"),
    ],
    "003": [
        ("全市领导干部会议暨", "# 全市领导干部会议暨", "的工作作风。(下转第二版)"),
        ("全市领导干部会议暨", "## 一天当作两天用", "克难攻坚。(下转第二版)"),
        ("全市领导干部会议暨", "## 稳经济 促发展 强信心", "## 稳经济 促发展 强信心"),
        ("全市领导干部会议暨", "### 掌握技能好就业", "为青年就业保驾护航。"),
    ],
    "004": [
        (None, "大改造项目144个", "以优异成绩迎接建党100周年！"),
        ("政府工作报告 2021年7月17日", "政府工作报告", "全面建设现代化新征程！"),
        (
            "在市委十三届十一次全体会议暨 全市领导干部会议上的讲话 市委书记 尹俊营",
            "在市委十三届",
            "小康社会圆满收官。",
        ),
        (
            "在市委十三届十一次全体会议暨 全市领导干部会议上的讲话 人民政府市长 张忠民",
            "在市委十三届",
            "继续走在全省前列！",
        ),
        ("在全市教育高质量发展三年攻坚推进", "在全市教育高质量发展", "要带头深入学"),
    ],
}


@pytest.mark.parametrize("page", ARTICLES)
def test_every_page_of_the_corpus_is_divided_as_a_reader_divides_it(
    seed_texts: dict[str, str], page: str
) -> None:
    text = clean(seed_texts[page]).text
    found: dict[int, list[Section]] = {}
    for section in sections(text):
        found.setdefault(section.article, []).append(section)
    assert len(found) == len(ARTICLES[page])
    for parts, (headline, begins, ends) in zip(found.values(), ARTICLES[page], strict=True):
        article = text[parts[0].start : parts[-1].end].strip()
        outermost = parts[0].headings[0] if parts[0].headings else None
        assert outermost == headline or (headline and outermost and outermost.startswith(headline)), begins
        assert article.startswith(begins)
        assert article.endswith(ends)


def test_two_articles_of_a_page_are_never_one(seed_texts: dict[str, str]) -> None:
    text = clean(seed_texts["002"]).text
    articles = [section_of(text, start).article for start in ("（记者 胡晨）", "（程鹏飞）", "（记者 苏杭")]
    assert len(set(articles)) == 3


def test_an_article_keeps_the_headline_that_stands_below_it(seed_texts: dict[str, str]) -> None:
    text = clean(seed_texts["000"]).text
    assert headings_of(text, "市长刘涛主持召开市政府常务会议，")[0].startswith("刘涛主持召开市政府常务会议")
    assert "市委经济工作会议举行" in headings_of(text, "市委书记史根治主持并讲话，市长刘涛")[0]


def test_a_headline_that_stands_above_its_article_is_taken_too() -> None:
    text = clean(
        "图书车开进东湖小区\n\n本报讯（记者 甲）图书车开进东湖小区，居民借阅图书。\n\n"
        "长葛举行食品产销对接会\n\n本报讯（记者 乙）长葛举行食品产销对接会，签约三千万元。"
    ).text
    assert headings_of(text, "居民借阅图书") == ("图书车开进东湖小区",)
    assert headings_of(text, "签约三千万元") == ("长葛举行食品产销对接会",)


def test_bylines_are_no_headlines(seed_texts: dict[str, str]) -> None:
    for number in ("000", "002"):
        for section in sections(clean(seed_texts[number]).text):
            assert not any("本报记者" in heading for heading in section.headings)


def test_markdown_headings_nest_and_end_at_the_next_of_their_level(seed_texts: dict[str, str]) -> None:
    text = clean(seed_texts["003"]).text
    page, paper, item = headings_of(text, "目前,该市已有61名学员")
    assert page.startswith("全市领导干部会议暨创新驱动制造业高质量发展会议召开")
    assert paper == "稳经济 促发展 强信心"
    assert item == "掌握技能好就业"
    assert len(headings_of(text, "市委书记史根治主持会议并讲话。")) == 1
    assert headings_of(text, "——论贯彻落实全市领导干部会议")[1] == "一天当作两天用 奋力实现“双过半”"


def test_a_markdown_heading_ends_the_lower_ones_before_it() -> None:
    text = "# 章程\n\n## 借阅\n\n### 期限\n\n一个月。\n\n## 赔偿\n\n照价。"
    assert headings_of(text, "一个月") == ("章程", "借阅", "期限")
    assert headings_of(text, "照价") == ("章程", "赔偿")


def test_markdown_headings_may_be_closed_with_hashes() -> None:
    text = "# 总则 #\n\n说明。\n\n## C# 语言\n\n细则。"
    assert headings_of(text, "说明") == ("总则",)
    assert headings_of(text, "细则") == ("总则", "C# 语言")


def test_numbered_headings_of_a_report_form_a_path(seed_texts: dict[str, str]) -> None:
    text = clean(seed_texts["004"]).text
    title, chapter, part = headings_of(text, "剩余639户")
    assert title.startswith("政府工作报告")
    assert chapter == "一、2020年工作回顾及“十三五”发展成就"
    assert part == "（三）决胜全面小康，三大攻坚战取得决定性成果"
    # The next chapter closes the part of the one before.
    later = headings_of(text, "当前，长葛已经进入新发")
    assert later[1:] == ("二、2035年远景目标及“十四五”时期发展主要目标任务",)


def test_two_speeches_of_one_file_keep_their_speakers_apart(seed_texts: dict[str, str]) -> None:
    text = clean(seed_texts["004"]).text
    secretary = headings_of(text, "一、认清形势，把握大势")[0]
    mayor = headings_of(text, "一、充分肯定成绩，坚定信心决心")[0]
    assert "尹俊营" in secretary
    assert "张忠民" in mayor


def test_parts_of_the_traditional_page_stand_under_its_title(seed_texts: dict[str, str]) -> None:
    text = clean(seed_texts["001"]).text
    title = "許昌:全力以赴拼經濟 鉚足幹勁開新局"
    assert document_title(text) == title
    assert headings_of(text, "硅碳新材料産業集群規模達到450億元") == (
        title,
        "拼的基礎 經濟發展穩中向好穩中提質",
    )
    assert headings_of(text, "支持許昌高品質建設城鄉融合") == (title, "拼的目標 瞄準高品質發展方向不動搖")


def test_a_newspaper_page_has_no_title_of_its_own(seed_texts: dict[str, str]) -> None:
    assert document_title(clean(seed_texts["000"]).text) is None
    assert document_title(clean(seed_texts["002"]).text) is None


def test_a_markdown_title_is_the_document_title() -> None:
    assert document_title(clean("# 图书馆章程\n\n说明在此。\n\n## 借阅\n\n细则。").text) == "图书馆章程"


def test_the_number_of_a_page_is_no_headline() -> None:
    text = "政府工作报告\n\n今年的工作完成得很好，各项指标达到预期。\n\n3\n\n明年的工作安排已经明确，请予审议。\n"
    assert all("3" not in section.headings for section in sections(text))


def test_a_headline_belongs_to_the_article_before_it_only_where_it_shares_much_with_that() -> None:
    page = (
        "市财政局通报2024年债务情况\n\n本报讯（记者 张三）2023年末，全市政府债务余额为305.2亿元。\n\n"
        "禹州市2023年主要指标\n\n地区生产总值701.5亿元，增长6.4%；茶叶综合产值34.0亿元。\n\n"
        "（下转第二版）\n\n山洪救援纪事\n\n本报讯（记者 李四）清晨5时40分，村民被困。\n"
    )
    told = next(one for one in sections(page) if "701.5亿元" in page[one.start : one.end])
    assert told.headings == ("禹州市2023年主要指标",)
    rescue = next(one for one in sections(page) if "村民被困" in page[one.start : one.end])
    assert rescue.headings == ("山洪救援纪事",), "where the other article goes on is no headline"
